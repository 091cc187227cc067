"""Plans: real rows in, real plans out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from ads.actions import budget_plans, placements
from ads.models import BudgetPlan
from ads.models.budget_plans import LoweredMinimum, PlanOptions, SpendBounds
from ads.presenters.budget_plans import gain
from backoffice.errors import Refused
from backoffice.models import AuditEntry
from tests.ads.conftest import placement, report
from tests.factories import OrderLineFactory, PlacementFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_textbook_plan(mara, three_ads):
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    assert plan.status == "optimal"
    assert {line.placement.name: line.spend for line in plan.lines.all()} == {"A": 400, "B": 300, "C": 300}
    assert plan.expected_return == 3000
    assert plan.shadow_price == 2
    assert {line.placement.name: line.reason for line in plan.lines.all()} == {
        "A": "at_maximum",
        "B": "budget",
        "C": "at_maximum",
    }
    assert plan.explanation.comparison.equal_return == 350 * 3 + 350 * 2 + 300 * 4
    assert plan.explanation.comparison.current_return is None
    assert AuditEntry.about(plan).get().verb == "budget.plan"


def test_what_is_not_worth_it_gets_nothing(mara):
    placement("Good", 3, 0, 5000), placement("Poor", 1)
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    assert {line.placement.name: (line.spend, line.reason) for line in plan.lines.all()} == {
        "Good": (1000, "budget"),
        "Poor": (0, "not_worth_it"),
    }


def test_minimums_above_the_budget_are_explained(mara):
    for name, value, low in [("A", 3, 500), ("B", 2, 400), ("C", 4, 300)]:
        placement(name, value, low)
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    assert plan.status == "infeasible"
    assert plan.explanation.conflict.minimums == 1200
    assert plan.explanation.conflict.budget_needed == 1200
    assert plan.explanation.conflict.lowered_minimums == (LoweredMinimum("Search - B", 200.0),)
    with pytest.raises(Refused):
        budget_plans.publish_plan(by=mara, plan=plan)


def test_conversions_out_of_reach(mara, three_ads):
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000), options=PlanOptions(min_conversions=1100))
    assert plan.status == "infeasible"
    assert plan.explanation.conflict.conversions_reachable == 1000
    assert plan.explanation.conflict.budget_needed == 1100


def test_mixed_currencies_are_refused_unless_one_is_chosen(mara, three_ads):
    placement("D", 9, currency="EUR")
    with pytest.raises(Refused, match="EUR, GBP"):
        budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000), currency="GBP")
    assert plan.lines.count() == 3


def test_crossing_bounds_name_the_placement(mara, three_ads):
    with pytest.raises(Refused, match="Search - A") as refusal:
        budget_plans.draft_plan(
            budget=Decimal(1000),
            options=PlanOptions(bounds={three_ads[0].pk: SpendBounds(Decimal(500), Decimal(400))}),
        )
    assert refusal.value.field == f"min_{three_ads[0].pk}"


def test_yen_are_not_split(mara):
    placement("A", 3, currency="JPY", max_spend=333), placement("B", 2, currency="JPY")
    plan = budget_plans.plan_budget(by=mara, budget=Decimal("1000.75"))
    assert plan.budget == 1000
    assert [line.spend for line in plan.lines.all()] == [667, 333]


def test_band_and_saturation_start_from_the_reports(mara):
    placement("Big", 3), placement("Small", 3), placement("New", 3)
    report("Big", 45, 20), report("Small", 45, 10)
    plan = budget_plans.plan_budget(by=mara)
    lines = {line.placement.name: line for line in plan.lines.all()}
    assert plan.budget == 900  # the last 30 days
    assert lines["Big"].recent_spend == 600
    assert (lines["Big"].min_spend, lines["Big"].max_spend) == (420, 780)
    assert lines["New"].max_spend == 135  # at most 30 % of an average placement
    assert plan.expected_return > plan.explanation.comparison.current_return
    assert plan.spent == sum(line.spend for line in lines.values()) <= plan.budget


def test_an_own_maximum_below_the_band_is_what_stops_it(mara):
    placement("Big", 9, max_spend=100), placement("Small", 3)
    report("Big", 45, 20), report("Small", 45, 10)
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(600))
    big = plan.lines.get(placement__name="Big")
    assert (big.spend, big.reason) == (100, "at_maximum_only")
    assert not any(str(line.min_spend).startswith("-") for line in plan.lines.all())


def test_limits_that_are_todays_spend_change_nothing(mara):
    for name, value, spend in [("A", 3, 500), ("B", 2, 300), ("C", 4, 0)]:
        placement(name, value, spend, spend)
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(800), options=PlanOptions(band=False))
    assert {line.placement.name: (line.spend, line.reason) for line in plan.lines.all()} == {
        "A": (500, "fixed"),
        "B": (300, "fixed"),
        "C": (0, "fixed"),
    }
    assert gain(plan) == 0


def test_margin_counts_where_costs_are_known(mara, three_ads):
    """A product that is sold for 10 and costs 6 leaves 40 %: 1 more brings 0.80, though 2.00 in revenue."""
    bag = ProductFactory(price=10, cost=6)
    OrderLineFactory(
        order__placed_at=timezone.now() - timedelta(days=5), product=bag, quantity=3, unit_price=10
    )
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    assert plan.explanation.margin == pytest.approx(0.4)
    assert plan.expected_return == 1200
    assert plan.shadow_price == pytest.approx(0.8)
    assert {line.roas for line in plan.lines.all()} == {3, 2, 4}  # revenue, as everywhere


def test_the_curve_of_budgets_goes_on_beyond_the_budget(mara):
    """Without maximums twice the budget is spent on the curve, not the budget again."""
    placement("A", 3), placement("B", 2)
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(2000))
    points = plan.explanation.comparison.frontier
    assert (points[-1].spend, points[-1].expected_return) == (4000, 12000)
    assert {point.expected_return for point in points if point.spend == 2000} == {6000}
    assert [line.max_spend for line in plan.lines.all()] == [None, None]


def test_only_one_plan_is_in_force(mara, three_ads):
    first, second = (budget_plans.plan_budget(by=mara, budget=Decimal(amount)) for amount in (1000, 900))
    budget_plans.publish_plan(by=mara, plan=first)
    budget_plans.publish_plan(by=mara, plan=second)
    assert BudgetPlan.objects.get(in_force=True) == second


def test_nightly_round_proposes_with_the_budget_in_force(mara):
    report("A", 40, 50), report("B", 40, 30)
    assert budget_plans.refresh_plan()["status"] == "optimal"
    first = BudgetPlan.objects.get(in_force=True)
    assert first.budget == 2400
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(3000), options=PlanOptions(band=False))
    budget_plans.publish_plan(by=mara, plan=plan)
    result = budget_plans.refresh_plan()
    proposal = BudgetPlan.objects.get(pk=result["plan"])
    assert (proposal.budget, proposal.options.band, proposal.in_force) == (3000, False, False)
    assert BudgetPlan.objects.get(in_force=True) == plan


def test_nightly_round_of_an_empty_shop():
    assert budget_plans.refresh_plan()["status"] == "no placements"


def test_nightly_round_before_anything_was_spent():
    PlacementFactory()
    assert budget_plans.refresh_plan()["status"].startswith("nothing spent yet")
    assert not BudgetPlan.objects.exists()


def test_analysts_only_look(ines, three_ads):
    with pytest.raises(PermissionDenied):
        budget_plans.plan_budget(by=ines, budget=Decimal(1000))
    with pytest.raises(PermissionDenied):
        placements.save_placement(by=ines, placement=three_ads[0])


@pytest.fixture
def six_ads():
    """What a conversion costs: 16, 75, 60, 12, unknown, and 50 in another currency; each is worth 40."""
    placement("Brand", 40, 400, 2000, price=16)
    placement("Generic", 40, 0, 3000, price=75)
    placement("Video", 40, 500, 1500, price=60)
    placement("Affiliate", 40, 300, 300, price=12)
    placement("New", 40, 0, 1000, pricing="cpc", conversion_rate=0)
    placement("Banner", 40, 0, 1000, price=50, currency="EUR")


@pytest.mark.parametrize(
    ("budget", "split", "conversions"),
    [
        (1200, {"Brand": 400, "Generic": 0, "Video": 500, "Affiliate": 300}, 58.33),
        (2000, {"Brand": 1200, "Generic": 0, "Video": 500, "Affiliate": 300}, 108.33),
        (5000, {"Brand": 2000, "Generic": 1200, "Video": 1500, "Affiliate": 300}, 191.0),
    ],
)
def test_six_placements_within_their_limits(mara, six_ads, budget, split, conversions):
    plan = budget_plans.plan_budget(
        by=mara, budget=Decimal(budget), currency="GBP", options=PlanOptions(band=False, saturation=False)
    )
    lines = {line.placement.name: line for line in plan.lines.all()}
    assert {name: line.spend for name, line in lines.items()} == split
    assert sum(line.conversions for line in lines.values()) == pytest.approx(conversions, abs=0.01)
    assert lines["Affiliate"].reason == "fixed"
    assert plan.explanation.incomplete == ("Search - New",)


def test_six_placements_over_too_small_a_budget(mara, six_ads):
    plan = budget_plans.plan_budget(
        by=mara, budget=Decimal(1000), currency="GBP", options=PlanOptions(band=False, saturation=False)
    )
    assert (plan.explanation.conflict.minimums, plan.explanation.conflict.budget_needed) == (1200, 1200)
    assert sum(lowered.amount for lowered in plan.explanation.conflict.lowered_minimums) == 200
    assert not plan.explanation.conflict.band_in_the_way


def test_thirds_of_a_coin_add_up_to_the_budget(mara):
    for name in "ABC":
        placement(name, 3, 0, 1000)
    plan = budget_plans.plan_budget(by=mara, budget=Decimal("1000.01"), options=PlanOptions(band=False))
    assert sum(line.spend for line in plan.lines.all()) == Decimal("1000.01")
    amounts = [line.spend for line in plan.lines.all()]
    assert max(amounts) - min(amounts) <= Decimal("0.01")
    assert {line.reason for line in plan.lines.all()} == {"balanced"}
