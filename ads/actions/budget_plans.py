"""Dividing the advertising budget: compute a plan, put it in force, propose one every night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ads.actions.placements import placements_from_reports
from ads.algorithms import allocation
from ads.algorithms.allocation import Conflict, Floats, Problem, Solution
from ads.algorithms.amounts import as_decimal, smallest_coin, whole_coins
from ads.datasets.margins import known_margin
from ads.datasets.placements import PlacementData, placement_data
from ads.models import BudgetPlan, BudgetPlanLine, Placement
from ads.models.budget_plans import (
    BudgetPoint,
    LoweredMinimum,
    PlanComparison,
    PlanConflict,
    PlanExplanation,
    PlanOptions,
    SpendBounds,
)
from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.jobs import Progress, silent
from backoffice.models import User
from backoffice.templatetags.formats import number
from shop.calendar import present

DEFAULT_OPTIONS = PlanOptions()
KEPT = 100  # plans, a good three months of nightly proposals

Reason = BudgetPlanLine.Reason


def plan_budget(
    *,
    by: User | None,
    budget: Decimal | None = None,
    currency: str = "",
    options: PlanOptions = DEFAULT_OPTIONS,
    progress: Progress = silent,
) -> BudgetPlan:
    """Compute and keep a plan, without putting it in force. See `draft_plan` for the arguments; `by=None` is
    the scheduler."""
    if by is not None:
        require(by, "ads.plan_budget")
    progress(0, 2, gettext_noop("Computing the best split"))
    plan, lines = draft_plan(budget=budget, currency=currency, options=options)
    progress(1, 2, gettext_noop("Writing the plan"))
    plan.created_by = by
    with transaction.atomic():
        plan.save()
        BudgetPlanLine.objects.bulk_create(lines)
        record(
            by=by,
            verb="budget.plan",
            about=plan,
            status=plan.status,
            budget=str(plan.budget),
            currency=plan.currency,
        )
    progress(2, 2)
    return plan


@transaction.atomic
def publish_plan(*, by: User | None, plan: BudgetPlan) -> BudgetPlan:
    """Put a plan in force in place of the one before."""
    if by is not None:
        require(by, "ads.plan_budget")
    if plan.status != BudgetPlan.Status.OPTIMAL:
        raise Refused(_("This plan cannot be carried out: change the budget or the limits and plan again."))
    plan.publish()
    record(by=by, verb="budget.publish", about=plan, budget=str(plan.budget), currency=plan.currency)
    return plan


def refresh_plan(*, progress: Progress = silent) -> dict[str, Any]:
    """The nightly round: refresh placements from the reports, then propose a plan with the budget in force.

    A plan that a person put in force stays until a person replaces it; only the very first plan publishes
    itself.
    """
    progress(0, 3, gettext_noop("Reading the ad reports"))
    counts = placements_from_reports()
    in_force = BudgetPlan.objects.published()
    currency = in_force.currency if in_force else Placement.objects.main_currency()
    if not Placement.objects.filter(active=True, currency=currency).exists():
        return {**counts, "status": "no placements"}
    if in_force is None:
        data = placement_data(as_of=present(), currency=currency)
        if not data.placements or default_budget(data) <= 0:
            return {**counts, "status": "nothing spent yet, so nothing to plan"}
    plan = plan_budget(
        by=None,
        budget=in_force.budget if in_force else None,
        currency=currency,
        options=in_force.options if in_force else DEFAULT_OPTIONS,
        progress=progress,
    )
    if in_force is None and plan.status == BudgetPlan.Status.OPTIMAL:
        publish_plan(by=None, plan=plan)
    BudgetPlan.objects.outdated(keep=KEPT).delete()
    return {**counts, "plan": plan.pk, "status": plan.status}


def draft_plan(
    *,
    budget: Decimal | None = None,
    currency: str = "",
    options: PlanOptions = DEFAULT_OPTIONS,
    as_of: datetime | None = None,
) -> tuple[BudgetPlan, list[BudgetPlanLine]]:
    """Compute a plan without writing it: the unsaved plan and its unsaved lines.

    budget: for the next 30 days; None takes the plan in force, else the last 30 days' spend. currency: may be
    left out while all placements share one. Raises Refused for mixed currencies, no placements, no budget and
    crossing bounds.
    """
    as_of = as_of or present()
    currency = currency or _only_currency()
    data = placement_data(as_of=as_of, currency=currency)
    if not data.placements:
        raise Refused(
            _("No placement has a known return: enter the price and the rates of at least one placement.")
        )
    budget = whole_coins(default_budget(data) if budget is None else budget, currency)
    if budget <= 0:
        raise Refused(_("Enter the budget: an amount above zero."), field="budget")
    plan = BudgetPlan(
        as_of=as_of,
        budget=budget,
        currency=currency,
        options=replace(options, bounds=_own_bounds(data, options.bounds)),
        explanation=PlanExplanation(
            incomplete=tuple(str(placement) for placement in data.incomplete),
            margin=known_margin(as_of=as_of, currency=currency),
        ),
    )
    data = _bounded(data, options.bounds)
    problem = _problem(data, plan)
    outcome = allocation.allocate(problem)
    if isinstance(outcome, Conflict):
        return _explained(plan, data, outcome), []
    return _filled(plan, problem, outcome), _lines(plan, data, problem, outcome)


def default_budget(data: PlacementData) -> Decimal:
    """The budget of the plan in force, else what the last 30 days cost."""
    in_force = BudgetPlan.objects.published()
    if in_force and data.placements and in_force.currency == data.placements[0].currency:
        return in_force.budget
    return Decimal(str(round(float(data.recent.sum()))))


# -- inside --------------------------------------------------------------------------------------------------


def _only_currency() -> str:
    currencies = sorted(set(Placement.objects.filter(active=True).values_list("currency", flat=True)))
    if len(currencies) > 1:
        raise Refused(
            _("The placements are priced in %s, and one plan has one currency: choose which.")
            % ", ".join(currencies),
            field="currency",
        )
    if not currencies:
        raise Refused(_("There are no placements yet: add one, or derive them from the ad reports."))
    return currencies[0]


def _own_bounds(data: PlacementData, bounds: Mapping[int, SpendBounds]) -> dict[int, SpendBounds]:
    """The bounds that differ from the placement's own: these the plan remembers."""
    usual = {
        placement.pk: SpendBounds(placement.min_spend, placement.max_spend) for placement in data.placements
    }
    return {pk: chosen for pk, chosen in bounds.items() if pk in usual and usual[pk] != chosen}


def _bounded(data: PlacementData, bounds: Mapping[int, SpendBounds]) -> PlacementData:
    """The data with this plan's own bounds; refused where a minimum lies above its maximum."""
    low, high = data.low.copy(), data.high.copy()
    for i, placement in enumerate(data.placements):
        if chosen := bounds.get(placement.pk):
            low[i], high[i] = float(chosen.low), np.inf if chosen.high is None else float(chosen.high)
        if low[i] > high[i]:
            raise Refused(
                _(
                    "%(placement)s: the minimum (%(low)s) is above the maximum (%(high)s): lower one or "
                    "raise the other."
                )
                % {"placement": placement, "low": number(low[i]), "high": number(high[i])},
                field=f"min_{placement.pk}",
            )
    return replace(data, low=low, high=high)


def _problem(data: PlacementData, plan: BudgetPlan) -> Problem:
    """What is divided for: margin where it is known, else revenue."""
    options, margin = plan.options, plan.explanation.margin
    curved = options.saturation
    return Problem(
        data.returns if margin is None else data.returns * max(margin, 0.0),
        data.low,
        data.high,
        float(plan.budget),
        data.conversions,
        allocation.half_saturation(data.recent) if curved else np.full(data.low.size, np.inf),
        data.recent,
        float(options.min_conversions),
        float(smallest_coin(plan.currency)),
        allocation.BAND if options.band else None,
    )


def _filled(plan: BudgetPlan, problem: Problem, solution: Solution) -> BudgetPlan:
    """The plan's totals, and what the same budget returns when split evenly or as in the last 30 days."""

    def return_when_split_by(weights: Floats) -> float:
        high = np.minimum(problem.high, problem.budget)
        return _return_of(problem, allocation.split(weights, problem.low, high, problem.budget))

    plan.status = BudgetPlan.Status.OPTIMAL
    plan.spent = as_decimal(solution.total_spend)
    plan.expected_return = as_decimal(solution.total_return)
    plan.shadow_price = solution.shadow_price
    comparison = PlanComparison(
        equal_return=return_when_split_by(np.ones(problem.low.size)),
        current_return=return_when_split_by(problem.recent) if problem.recent.any() else None,
        frontier=tuple(BudgetPoint(round(x, 2), round(y, 2)) for x, y in allocation.frontier(problem)),
    )
    plan.explanation = replace(plan.explanation, comparison=comparison)
    return plan


def _explained(plan: BudgetPlan, data: PlacementData, conflict: Conflict) -> BudgetPlan:
    """An impossible plan: which limits exclude each other and the smallest remedy of each kind."""
    lowered, reachable = conflict.minimums_lowered, conflict.conversions_reachable
    plan.status = BudgetPlan.Status.INFEASIBLE
    explained = PlanConflict(
        minimums=round(conflict.minimums, 4),
        budget_needed=conflict.budget_needed,
        conversions_reachable=None if reachable is None else int(reachable + 1e-9),
        lowered_minimums=()
        if lowered is None
        else tuple(
            LoweredMinimum(str(placement), float(amount))
            for placement, amount in zip(data.placements, lowered, strict=True)
            if amount
        ),
        band_in_the_way=conflict.band_in_the_way,
    )
    plan.explanation = replace(plan.explanation, conflict=explained)
    return plan


def _lines(
    plan: BudgetPlan, data: PlacementData, problem: Problem, solution: Solution
) -> list[BudgetPlanLine]:
    lines = []
    effects = problem.effect(solution.spend)
    for i, placement in enumerate(data.placements):
        spend, effect = float(solution.spend[i]), float(effects[i])
        lines.append(
            BudgetPlanLine(
                plan=plan,
                placement=placement,
                spend=as_decimal(spend),
                min_spend=as_decimal(solution.low[i]),
                max_spend=as_decimal(solution.high[i]) if np.isfinite(solution.high[i]) else None,
                recent_spend=as_decimal(problem.recent[i]),
                impressions=_times(placement.impressions_per_unit, effect),
                clicks=_times(placement.clicks_per_unit, effect),
                conversions=float(solution.conversions[i]),
                expected_return=as_decimal(solution.returns[i]),
                roas=float(data.returns[i]) * (effect / spend if spend else 1.0),
                reason=_reason(problem, solution, i),
            )
        )
    return sorted(lines, key=lambda line: -line.spend)


def _reason(problem: Problem, solution: Solution, i: int) -> Reason:
    """What stops a placement, and what its next unit is worth beside the same unit elsewhere."""
    binding, worth, coin = solution.binding[i], solution.worth[i], problem.unit
    if binding == "rest":
        if solution.goal_binds:
            return Reason.GOAL
        return Reason.BALANCED if worth == "same" else Reason.BUDGET
    if binding == "fixed" and problem.high[i] - problem.low[i] < coin:
        return Reason.FIXED
    if binding == "maximum" or (binding == "fixed" and solution.spend[i] >= problem.high[i] - coin):
        by_band = solution.high[i] < problem.high[i] - coin
        kinds = (
            (Reason.RAISED, Reason.RAISED_TIE, Reason.RAISED_ONLY)
            if by_band
            else (Reason.AT_MAXIMUM, Reason.AT_MAXIMUM_TIE, Reason.AT_MAXIMUM_ONLY)
        )
        return kinds[0] if worth == "more" else kinds[1] if worth == "same" else kinds[2]
    if solution.spend[i] < coin / 2:
        kinds = (Reason.NOT_WORTH_IT, Reason.NOTHING_TIE, Reason.NOTHING_ONLY)
    elif solution.low[i] > problem.low[i] + coin:
        kinds = (Reason.LOWERED, Reason.LOWERED_TIE, Reason.LOWERED_ONLY)
    else:
        kinds = (Reason.AT_MINIMUM, Reason.AT_MINIMUM_TIE, Reason.AT_MINIMUM_ONLY)
    return kinds[0] if worth == "less" else kinds[1] if worth == "same" else kinds[2]


def _return_of(problem: Problem, spend: Floats) -> float:
    return round(float(problem.returns @ problem.effect(spend)), 2)


def _times(per_unit: float | None, amount: float) -> float | None:
    return None if per_unit is None else per_unit * amount
