"""Pages of the budget plan."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from ads.actions import budget_plans
from ads.models import BudgetPlan
from ads.models.budget_plans import PlanOptions, SpendBounds
from tests.ads.conftest import report

pytestmark = pytest.mark.django_db


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
    assert (
        "Spending £1,000 this way is expected to return £3,000 in revenue, 1.7% more than an equal split."
        in preview
    )
    assert not BudgetPlan.objects.exists()
    answer = browser.post("/ads/budget-plan/?currency=GBP", wishes)
    plan = BudgetPlan.objects.get()
    assert answer.url == f"/ads/budget-plan/?plan={plan.pk}"
    shown = browser.get(answer.url).content.decode()
    assert "The next £1 of budget would return £2.00 in revenue." in shown
    browser.post(f"/ads/budget-plan/{plan.pk}/publish/")
    assert BudgetPlan.objects.get(in_force=True) == plan


def test_impossible_plan_says_what_would_help(mara, as_user, three_ads):
    wishes = {"budget": "1000"} | {f"min_{p.pk}": "400" for p in three_ads}
    page = as_user(mara).get("/ads/budget-plan/preview/", {**wishes, "currency": "GBP"}).content.decode()
    assert "The minimums add up to £1,200, the budget is £1,000." in page
    assert "Lower minimums by this much - Search - B: £200." in page
    assert "Raise the budget to £1,200." in page


def test_the_headline_follows_what_is_typed_and_a_refused_budget_has_no_result(mara, as_user, three_ads):
    browser = as_user(mara)
    budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    assert "is expected to return £3,000" in browser.get("/ads/budget-plan/").content.decode()
    typed = browser.get("/ads/budget-plan/preview/", {"budget": "900", "currency": "GBP"}).content.decode()
    headline = typed[: typed.index("</div>")]
    assert "innerHTML:.mo-lead" in headline
    assert "Spending £900" in headline
    for wrong in ("-100", "0", "abc", "1e12", "1.000,50"):
        refused = browser.post("/ads/budget-plan/?currency=GBP", {"budget": wrong})
        assert refused.status_code == 422
        assert refused.context["form"].errors["budget"]
        assert "is expected to return" not in refused.content.decode()
        typed = browser.get("/ads/budget-plan/preview/", {"budget": wrong, "currency": "GBP"})
        assert "There is no plan for what is typed now." in typed.content.decode()
    assert BudgetPlan.objects.count() == 1


def test_bounds_of_a_plan_come_back_with_it(mara, as_user, three_ads):
    bounds = {three_ads[0].pk: SpendBounds(Decimal(150), Decimal(350))}
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000), options=PlanOptions(bounds=bounds))
    form = as_user(mara).get(f"/ads/budget-plan/?plan={plan.pk}").context["form"]
    assert form[f"max_{three_ads[0].pk}"].value() == "350.00"
    plan.refresh_from_db()
    assert plan.options.bounds == bounds


def test_a_plan_exports(mara, as_user, three_ads):
    plan = budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    text = as_user(mara).get(f"/ads/budget-plan/{plan.pk}/plan.csv").getvalue().decode("utf-8-sig")
    assert [row["spend"] for row in csv.DictReader(text.splitlines())] == ["400.0000", "300.0000", "300.0000"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_headline_and_the_button_follow_in_the_browser(page, mara, three_ads):
    budget_plans.plan_budget(by=mara, budget=Decimal(1000))
    page.login(mara)
    page.visit("/ads/budget-plan/")
    window, headline = page.page, page.page.locator(".mo-lead")
    assert "Spending £1,000" in headline.inner_text()
    window.get_by_role("button", name="Use this plan").wait_for()
    window.fill("[name=budget]", "900")
    window.get_by_text("Spending £900").wait_for()
    assert "Spending £1,000" not in window.inner_text("main")
    assert window.get_by_role("button", name="Use this plan").count() == 0  # it would use the plan before
    window.fill("[name=budget]", "100")
    window.get_by_text("£100 cannot be divided").first.wait_for()
    assert "Spending" not in headline.inner_text()
