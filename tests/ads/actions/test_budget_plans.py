"""Placements from reports, and plans: real rows in, real plans out."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from rest_framework.test import APIClient

from ads.actions import budget_plans, placements
from ads.models import AdReport, BudgetPlan, Placement
from ads.models.budget_plans import LoweredMinimum, PlanOptions, SpendBounds
from backoffice.errors import Refused
from backoffice.models import ApiKey, AuditEntry
from tests.factories import BudgetPlanFactory, PlacementFactory

pytestmark = pytest.mark.django_db


def placement(name: str, value: float, low: int = 0, high: int | None = None, **more: object) -> Placement:
    """One unit of money buys one conversion worth `value`."""
    return Placement.objects.create(
        **{
            "name": name,
            "platform": "Search",
            "pricing": "cpa",
            "price": 1,
            "currency": "GBP",
            "conversion_value": value,
            "min_spend": low,
            "max_spend": high,
            **more,
        }
    )


@pytest.fixture
def three_ads():
    return [placement("A", 3, 100, 400), placement("B", 2, 100, 500), placement("C", 4, 100, 300)]


def report(
    name: str,
    days: int,
    spend: float,
    *,
    platform="Search",
    clicks=100,
    conversions=5,
    value=12,
    currency="GBP",
):
    today = timezone.now().date()
    AdReport.objects.bulk_create(
        AdReport(
            day=today - timedelta(days=day),
            platform=platform,
            placement=name,
            impressions=clicks * 50,
            clicks=clicks,
            conversions=conversions,
            spend=Decimal(str(spend)),
            revenue=conversions * value,
            currency=currency,
        )
        for day in range(1, days + 1)
    )


def test_textbook_plan(mara, three_ads):
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    assert plan.status == "optimal"
    assert {line.placement.name: line.spend for line in plan.lines.all()} == {"A": 400, "B": 300, "C": 300}
    assert plan.expected_return == 3000
    assert plan.shadow_price == 2
    assert {line.placement.name: line.reason for line in plan.lines.all()} == {
        "A": "at_maximum",
        "B": "balanced",
        "C": "at_maximum",
    }
    assert plan.explanation.comparison.equal_return == 350 * 3 + 350 * 2 + 300 * 4
    assert plan.explanation.comparison.current_return is None
    assert AuditEntry.about(plan).get().verb == "budget.plan"


def test_what_is_not_worth_it_gets_nothing(mara):
    placement("Good", 3, 0, 5000), placement("Poor", 1)
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    assert {line.placement.name: (line.spend, line.reason) for line in plan.lines.all()} == {
        "Good": (1000, "at_maximum"),
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


def test_placements_from_reports(mara):
    report("Steady click", 60, 50, clicks=100, conversions=10)
    report("Tiny", 2, 1, clicks=2, conversions=2)
    assert placements.placements_from_reports(by=mara) == {"added": 2, "refreshed": 0, "kept": 0}
    steady, tiny = Placement.objects.get(name="Steady click"), Placement.objects.get(name="Tiny")
    assert (steady.pricing, steady.price) == ("cpc", Decimal("0.5"))
    assert steady.conversion_rate == pytest.approx(0.1, rel=0.01)
    assert steady.max_spend == 2250  # 150 % of 30 days of 50
    assert 0.1 < tiny.conversion_rate < 0.2  # four clicks that all converted prove little
    assert steady.roas == pytest.approx(0.1 * 12 / 0.5, rel=0.01)


def test_what_staff_entered_is_not_overwritten(mara):
    report("A", 40, 50), report("B", 40, 50)
    placements.placements_from_reports(by=mara)
    chosen = Placement.objects.get(name="A")
    chosen.price = Decimal(7)
    placements.save_placement(by=mara, placement=chosen)
    placements.archive_placement(by=mara, placement=Placement.objects.get(name="B"))
    report("C", 40, 50)
    assert placements.placements_from_reports(by=mara) == {"added": 1, "refreshed": 1, "kept": 1}
    assert Placement.objects.get(name="A").price == 7
    assert not Placement.objects.get(name="B").active


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


def test_analysts_only_look(ines, three_ads):
    with pytest.raises(PermissionDenied):
        budget_plans.plan_budget(by=ines, budget=Decimal(1000))
    with pytest.raises(PermissionDenied):
        placements.save_placement(by=ines, placement=three_ads[0])


# -- pages ---------------------------------------------------------------------------------------------------

FORM = {
    "platform": "Social",
    "name": "Feed",
    "pricing": "cpm",
    "price": "6.20",
    "currency": "gbp",
    "click_rate": "1",
    "conversion_rate": "5",
    "conversion_value": "30",
    "min_spend": "0",
    "max_spend": "",
}


def test_readers_see_figures_and_no_form(ines, as_user, three_ads):
    reader, address = as_user(ines), f"/ads/placements/{three_ads[0].pk}/"
    assert reader.get("/ads/placements/add/").status_code == 403
    assert reader.post(address, {}).status_code == 403
    shown = reader.get(address).content.decode()
    assert "Value of a conversion" in shown
    assert 'name="price"' not in shown
    assert "Add a placement" not in reader.get("/ads/budget-plan/").content.decode()


def test_adding_a_placement(mara, as_user):
    browser = as_user(mara)
    assert browser.post("/ads/placements/add/", FORM).status_code == 302
    added = Placement.objects.get()
    assert (added.currency, added.click_rate, added.by_hand) == ("GBP", 0.01, True)
    assert added.cost_per_conversion == pytest.approx(12.4)
    listed = browser.get("/ads/placements/").content.decode()
    assert "£12.40" in listed
    assert "2.42" in listed


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"click_rate": ""}, "click_rate"),
        ({"conversion_rate": "120"}, "conversion_rate"),
        ({"price": "0"}, "price"),
        ({"min_spend": "50", "max_spend": "40"}, "max_spend"),
        ({"currency": "pounds"}, "currency"),
    ],
)
def test_placement_errors_stand_beside_the_field(mara, as_user, wrong, field):
    answer = as_user(mara).post("/ads/placements/add/", {**FORM, **wrong})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Placement.objects.exists()


def test_consequence_while_typing(mara, as_user):
    text = as_user(mara).get("/ads/placements/consequence/", FORM).content.decode()
    assert "A conversion costs about £12.40 and is worth £30.00: a ROAS of 2.42." in text
    text = (
        as_user(mara).get("/ads/placements/consequence/", {**FORM, "conversion_value": "5"}).content.decode()
    )
    assert "a loss" in text


def test_archive_and_bring_back(mara, ines, as_user, three_ads):
    address = f"/ads/placements/{three_ads[0].pk}/archive/"
    assert as_user(ines).post(address).status_code == 403
    as_user(mara).post(address)
    assert not Placement.objects.get(pk=three_ads[0].pk).active
    as_user(mara).post(address)
    assert Placement.objects.get(pk=three_ads[0].pk).active


def test_empty_pages_name_the_next_step(mara, as_user):
    assert "Add a placement" in as_user(mara).get("/ads/budget-plan/").content.decode()
    report("A", 40, 50)
    assert "Derive placements from the ad reports" in as_user(mara).get("/ads/budget-plan/").content.decode()
    as_user(mara).post("/ads/placements/from-reports/")
    assert "Compute and keep this plan" in as_user(mara).get("/ads/budget-plan/").content.decode()


def test_plan_from_the_page_to_in_force(mara, as_user, three_ads):
    browser = as_user(mara)
    wishes = {"budget": "1000"} | {f"min_{p.pk}": "100" for p in three_ads}
    wishes |= {f"max_{p.pk}": str(high) for p, high in zip(three_ads, (400, 500, 300), strict=True)}
    preview = browser.get("/ads/budget-plan/preview/", {**wishes, "currency": "GBP"}).content.decode()
    assert "Spending £1,000 this way is expected to return £3,000, 1.7% more than an equal split." in preview
    assert not BudgetPlan.objects.exists()
    answer = browser.post("/ads/budget-plan/?currency=GBP", wishes)
    plan = BudgetPlan.objects.get()
    assert answer.url == f"/ads/budget-plan/?plan={plan.pk}"
    shown = browser.get(answer.url).content.decode()
    assert "The next £1 of budget would return £2.00." in shown
    browser.post(f"/ads/budget-plan/{plan.pk}/publish/")
    assert BudgetPlan.objects.get(in_force=True) == plan


def test_impossible_plan_says_what_would_help(mara, as_user, three_ads):
    wishes = {"budget": "1000"} | {f"min_{p.pk}": "400" for p in three_ads}
    page = as_user(mara).get("/ads/budget-plan/preview/", {**wishes, "currency": "GBP"}).content.decode()
    assert "The minimums add up to £1,200, the budget is £1,000." in page
    assert "Lower minimums by this much - Search - B: £200." in page
    assert "Raise the budget to £1,200." in page


def test_bounds_of_a_plan_come_back_with_it(mara, as_user, three_ads):
    bounds = {three_ads[0].pk: SpendBounds(Decimal(150), Decimal(350))}
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000), options=PlanOptions(bounds=bounds))
    form = as_user(mara).get(f"/ads/budget-plan/?plan={plan.pk}").context["form"]
    assert form[f"max_{three_ads[0].pk}"].value() == "350.00"
    plan.refresh_from_db()
    assert plan.options.bounds == bounds


# -- API -----------------------------------------------------------------------------------------------------


@pytest.fixture
def api(mara):
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_api_lists_placements(api, three_ads):
    rows = api.get("/api/v1/placements/").json()["results"]
    assert {row["name"]: row["roas"] for row in rows} == {"A": 3, "B": 2, "C": 4}


def test_api_computes_a_plan_once(api, three_ads):
    answers = [
        api.post(
            "/api/v1/budget-plans/", {"budget": "1000"}, format="json", headers={"Idempotency-Key": "one"}
        )
        for _ in "ab"
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert BudgetPlan.objects.count() == 1
    plan = api.get("/api/v1/budget-plans/").json()["results"][0]
    assert Decimal(plan["expected_return"]) == 3000
    assert {line["placement_name"]: Decimal(line["spend"]) for line in plan["lines"]} == {
        "A": 400,
        "B": 300,
        "C": 300,
    }


def test_api_explains_the_impossible_and_refuses_the_wrong(api, three_ads):
    bounds = [{"placement": p.pk, "min_spend": "400"} for p in three_ads]
    plan = api.post("/api/v1/budget-plans/", {"budget": "1000", "bounds": bounds}, format="json").json()
    assert plan["status"] == "infeasible"
    assert "Raise the budget to £1,200." in plan["remedies"]
    wrong = api.post(
        "/api/v1/budget-plans/", {"budget": "1000", "bounds": [{"placement": 9999}]}, format="json"
    )
    assert wrong.status_code == 400
    assert "9999" in str(wrong.json()["errors"])


def test_a_plan_exports(mara, as_user, three_ads):
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    text = as_user(mara).get(f"/ads/budget-plan/{plan.pk}/plan.csv").getvalue().decode("utf-8-sig")
    assert [row["spend"] for row in csv.DictReader(text.splitlines())] == ["400.0000", "300.0000", "300.0000"]


def test_amounts_are_shown_as_people_write_them(mara, as_user, admin_client):
    row = PlacementFactory(
        price=Decimal("0.3509"), min_spend=Decimal(0), conversion_value=Decimal("5.9900"), currency="EUR"
    )
    page = as_user(mara).get(f"/ads/placements/{row.pk}/").content.decode()
    for typed in ("0.3509", "0.00", "5.99"):
        assert f'value="{typed}"' in page
    for address in ("/admin/ads/placement/", f"/admin/ads/placement/{row.pk}/change/"):
        shown = admin_client.get(address).content.decode()
        assert "€0.3509" in shown
        assert "€5.99" in shown
        assert "5.9900" not in shown
    plan = BudgetPlanFactory(budget=Decimal(1000))
    assert "£1,000.00" in admin_client.get(f"/admin/ads/budgetplan/{plan.pk}/change/").content.decode()
