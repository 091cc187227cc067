"""Sentences about plans that are possible and plans that are not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ads.models import BudgetPlan
from ads.models.budget_plans import LoweredMinimum, PlanComparison, PlanConflict, PlanExplanation, PlanOptions
from ads.presenters.budget_plans import gain, marginal_return, remedies, summary


def plan(equal: float = 100, current: float | None = None, **fields: Any) -> BudgetPlan:
    comparison = PlanComparison(equal_return=equal, current_return=current, frontier=())
    return BudgetPlan(
        **{
            "budget": Decimal(100),
            "spent": Decimal(100),
            "expected_return": Decimal(125),
            "currency": "GBP",
            "status": BudgetPlan.Status.OPTIMAL,
            "shadow_price": 1.2,
            "explanation": PlanExplanation(comparison=comparison),
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("equal", "current", "end"),
    [
        (100, None, "return £125 in revenue, 25% more than an equal split."),
        (100, 120, "return £125 in revenue, 4.2% more than the current split."),
        (100, 125, "return £125 in revenue, as much as the current split."),
    ],
)
def test_a_plan_is_compared_with_the_current_split_else_with_an_equal_one(
    equal: float, current: float | None, end: str
) -> None:
    assert summary(plan(equal, current)).endswith(end)


def test_the_next_unit_of_budget() -> None:
    assert marginal_return(plan()) == (
        "The next £1 of budget would return £1.20 in revenue. What the products cost is not known, so it can "
        "still be a loss."
    )
    known = plan(explanation=PlanExplanation(margin=0.4))
    assert marginal_return(known) == "The next £1 of budget would return £1.20 in margin."
    assert marginal_return(plan(shadow_price=0.5)).endswith("£0.50 in revenue: less than it costs.")
    assert marginal_return(plan(spent=Decimal(60))).startswith("£40 of the budget stays unspent")
    assert marginal_return(plan(shadow_price=None)) == ""


def test_an_impossible_plan_names_each_remedy() -> None:
    conflict = PlanConflict(
        minimums=120,
        budget_needed=120.0,
        conversions_reachable=7,
        lowered_minimums=(LoweredMinimum("Search - B", 20.0),),
        band_in_the_way=True,
    )
    impossible = plan(
        status=BudgetPlan.Status.INFEASIBLE,
        explanation=PlanExplanation(conflict=conflict),
        options=PlanOptions(min_conversions=9),
    )
    assert gain(impossible) is None
    assert summary(impossible) == "£100 cannot be divided within these limits."
    assert remedies(impossible) == [
        "The minimums add up to £120, the budget is £100.",
        "Lower minimums by this much - Search - B: £20.",
        "Raise the budget to £120.",
        "Let placements change by more than 30%: without that limit it is possible.",
    ]
    assert remedies(plan()) == []


def test_a_remedy_is_exact_and_touches_what_was_entered() -> None:
    conflict = PlanConflict(
        minimums=0, budget_needed=120.4, conversions_reachable=7, lowered_minimums=(), band_in_the_way=False
    )
    short = plan(
        status=BudgetPlan.Status.INFEASIBLE,
        explanation=PlanExplanation(conflict=conflict),
        options=PlanOptions(min_conversions=9, band=False),
    )
    assert remedies(short) == [
        "9 conversions are required; this budget reaches at most 7.",
        "Raise the budget to £120.40.",
        "Lower the minimum conversions to 7.",
    ]
