"""Placements from reports, and plans: real rows in, real plans out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from campaigns.actions import budgets
from campaigns.models import BudgetPlan, Placement
from shop.models import AdReport

pytestmark = pytest.mark.django_db


def placement(name: str, value: float, low: int = 0, high: int | None = None, **more: object) -> Placement:
    """One unit of money buys one conversion worth `value`."""
    return Placement.objects.create(
        **{"name": name, "platform": "Search", "pricing": "cpa", "price": 1, "currency": "GBP", "conversion_value": value,
           "min_spend": low, "max_spend": high, **more}
    )


@pytest.fixture
def three_ads():
    return [placement("A", 3, 100, 400), placement("B", 2, 100, 500), placement("C", 4, 100, 300)]


def report(name: str, days: int, spend: float, *, platform="Search", clicks=100, conversions=5, value=12, currency="GBP"):
    today = timezone.now().date()
    AdReport.objects.bulk_create(
        AdReport(
            day=today - timedelta(days=day), platform=platform, placement=name, impressions=clicks * 50, clicks=clicks,
            conversions=conversions, spend=Decimal(str(spend)), revenue=conversions * value, currency=currency,
        )
        for day in range(1, days + 1)
    )


def test_textbook_plan(mara, three_ads):
    plan = budgets.plan_budget(by=mara, budget=Decimal(1000))
    assert plan.status == "optimal"
    assert {line.placement.name: line.spend for line in plan.lines.all()} == {"A": 400, "B": 300, "C": 300}
    assert plan.expected_return == 3000
    assert plan.shadow_price == 2
    assert {line.placement.name: line.reason_key for line in plan.lines.all()} == {
        "A": "at_maximum", "B": "rest", "C": "at_maximum"
    }
    assert plan.explanation["equal_return"] == 350 * 3 + 350 * 2 + 300 * 4
    assert plan.explanation["today_return"] is None
    assert AuditEntry.about(plan).get().verb == "budget.plan"


def test_what_is_not_worth_it_gets_nothing(mara):
    placement("Good", 3, 0, 5000), placement("Poor", 1)
    plan = budgets.plan_budget(by=mara, budget=Decimal(1000))
    assert {line.placement.name: (line.spend, line.reason_key) for line in plan.lines.all()} == {
        "Good": (1000, "at_maximum"), "Poor": (0, "not_worth_it")
    }


def test_minimums_above_the_budget_are_explained(mara):
    for name, value, low in [("A", 3, 500), ("B", 2, 400), ("C", 4, 300)]:
        placement(name, value, low)
    plan = budgets.plan_budget(by=mara, budget=Decimal(1000))
    assert plan.status == "infeasible"
    assert plan.explanation["minimums"] == 1200
    assert plan.explanation["budget_needed"] == 1200
    assert plan.explanation["lower"] == [["Search - B", 200.0]]
    with pytest.raises(Refused):
        budgets.publish_plan(by=mara, plan=plan)


def test_conversions_out_of_reach(mara, three_ads):
    plan = budgets.plan_budget(by=mara, budget=Decimal(1000), min_conversions=1100)
    assert plan.status == "infeasible"
    assert plan.explanation["conversions_reachable"] == 1000
    assert plan.explanation["budget_needed"] == 1100


def test_mixed_currencies_are_refused_unless_one_is_chosen(mara, three_ads):
    placement("D", 9, currency="EUR")
    with pytest.raises(Refused, match="EUR, GBP"):
        budgets.plan_budget(by=mara, budget=Decimal(1000))
    plan = budgets.plan_budget(by=mara, budget=Decimal(1000), currency="GBP")
    assert plan.lines.count() == 3


def test_crossing_bounds_name_the_placement(mara, three_ads):
    with pytest.raises(Refused, match="Search - A") as refusal:
        budgets.draft_plan(budget=Decimal(1000), bounds={three_ads[0].pk: (Decimal(500), Decimal(400))})
    assert refusal.value.field == f"min_{three_ads[0].pk}"


def test_yen_are_not_split(mara):
    placement("A", 3, currency="JPY", max_spend=333), placement("B", 2, currency="JPY")
    plan = budgets.plan_budget(by=mara, budget=Decimal("1000.75"))
    assert plan.budget == 1000
    assert [line.spend for line in plan.lines.all()] == [667, 333]


def test_band_and_saturation_start_from_the_reports(mara):
    placement("Big", 3), placement("Small", 3), placement("New", 3)
    report("Big", 45, 20), report("Small", 45, 10)
    plan = budgets.plan_budget(by=mara)
    lines = {line.placement.name: line for line in plan.lines.all()}
    assert plan.budget == 900  # the last 30 days
    assert lines["Big"].recent_spend == 600
    assert (lines["Big"].min_spend, lines["Big"].max_spend) == (420, 780)
    assert lines["New"].max_spend == 135  # at most 30 % of an average placement
    assert plan.expected_return > plan.explanation["today_return"]
    assert plan.spent == sum(line.spend for line in lines.values()) <= plan.budget


def test_placements_from_reports(mara):
    report("Steady click", 60, 50, clicks=100, conversions=10)
    report("Tiny", 2, 1, clicks=2, conversions=2)
    assert budgets.placements_from_reports(by=mara) == {"added": 2, "refreshed": 0, "kept": 0}
    steady, tiny = Placement.objects.get(name="Steady click"), Placement.objects.get(name="Tiny")
    assert (steady.pricing, steady.price) == ("cpc", Decimal("0.5"))
    assert steady.conversion_rate == pytest.approx(0.1, rel=0.01)
    assert steady.max_spend == 2250  # 150 % of 30 days of 50
    assert 0.1 < tiny.conversion_rate < 0.2  # four clicks that all converted prove little
    assert steady.return_per_unit == pytest.approx(0.1 * 12 / 0.5, rel=0.01)


def test_what_staff_entered_is_not_overwritten(mara):
    report("A", 40, 50), report("B", 40, 50)
    budgets.placements_from_reports(by=mara)
    chosen = Placement.objects.get(name="A")
    chosen.price = Decimal(7)
    budgets.save_placement(by=mara, placement=chosen)
    budgets.archive_placement(by=mara, placement=Placement.objects.get(name="B"))
    report("C", 40, 50)
    assert budgets.placements_from_reports(by=mara) == {"added": 1, "refreshed": 1, "kept": 1}
    assert Placement.objects.get(name="A").price == 7
    assert not Placement.objects.get(name="B").active


def test_only_one_plan_is_in_force(mara, three_ads):
    first, second = (budgets.plan_budget(by=mara, budget=Decimal(amount)) for amount in (1000, 900))
    budgets.publish_plan(by=mara, plan=first)
    budgets.publish_plan(by=mara, plan=second)
    assert BudgetPlan.objects.get(published=True) == second


def test_nightly_round_proposes_with_the_budget_in_force(mara):
    report("A", 40, 50), report("B", 40, 30)
    assert budgets.refresh_plan()["status"] == "optimal"
    first = BudgetPlan.objects.get(published=True)
    assert first.budget == 2400
    plan = budgets.plan_budget(by=mara, budget=Decimal(3000), band=False)
    budgets.publish_plan(by=mara, plan=plan)
    result = budgets.refresh_plan()
    proposal = BudgetPlan.objects.get(pk=result["plan"])
    assert (proposal.budget, proposal.explanation["band"], proposal.published) == (3000, False, False)
    assert BudgetPlan.objects.get(published=True) == plan


def test_nightly_round_of_an_empty_shop():
    assert budgets.refresh_plan()["status"] == "no placements"


def test_analysts_only_look(ines, three_ads):
    with pytest.raises(PermissionDenied):
        budgets.plan_budget(by=ines, budget=Decimal(1000))
    with pytest.raises(PermissionDenied):
        budgets.save_placement(by=ines, placement=three_ads[0])
