"""Dividing the advertising budget: compute a plan, put it in force, propose one every night."""

from __future__ import annotations

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
from ads.datasets.placements import PlacementData, placement_data
from ads.models import BudgetPlan, BudgetPlanLine, Placement
from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.jobs import Progress, silent
from backoffice.models import User
from backoffice.templatetags.formats import number
from shop.calendar import present

Bounds = dict[int, tuple[Decimal, Decimal | None]]


def plan_budget(
    *,
    by: User | None,
    budget: Decimal | None = None,
    currency: str = "",
    min_conversions: int = 0,
    band: bool = True,
    saturation: bool = True,
    bounds: Bounds | None = None,
    progress: Progress = silent,
) -> BudgetPlan:
    """Compute and keep a plan, without putting it in force. See `draft_plan` for the arguments; `by=None` is
    the scheduler."""
    if by is not None:
        require(by, "ads.plan_budget")
    progress(0, 2, gettext_noop("Computing the best split"))
    plan, lines = draft_plan(
        budget=budget,
        currency=currency,
        min_conversions=min_conversions,
        band=band,
        saturation=saturation,
        bounds=bounds,
    )
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
    list(BudgetPlan.objects.select_for_update().filter(published=True))
    BudgetPlan.objects.filter(published=True).update(published=False)
    BudgetPlan.objects.filter(pk=plan.pk).update(published=True)
    plan.published = True
    record(by=by, verb="budget.publish", about=plan, budget=str(plan.budget), currency=plan.currency)
    return plan


def refresh_plan(*, progress: Progress = silent) -> dict[str, Any]:
    """The nightly round: refresh placements from the reports, then propose a plan with the budget in force.

    A plan that a person put in force stays until a person replaces it; only the very first plan publishes
    itself.
    """
    progress(0, 3, gettext_noop("Reading the ad reports"))
    counts = placements_from_reports()
    in_force = BudgetPlan.objects.filter(published=True).first()
    currency = in_force.currency if in_force else Placement.objects.main_currency()
    if not Placement.objects.filter(active=True, currency=currency).exists():
        return {**counts, "status": "no placements"}
    wishes = options_of(in_force) if in_force else {}
    plan = plan_budget(
        by=None, budget=in_force.budget if in_force else None, currency=currency, progress=progress, **wishes
    )
    if in_force is None and plan.status == BudgetPlan.Status.OPTIMAL:
        publish_plan(by=None, plan=plan)
    return {**counts, "plan": plan.pk, "status": plan.status}


def options_of(plan: BudgetPlan) -> dict[str, Any]:
    """The arguments of `draft_plan` that `plan` was computed with, except budget and currency."""
    bounds = {
        int(pk): (Decimal(low), None if high is None else Decimal(high))
        for pk, (low, high) in plan.explanation["bounds"].items()
    }
    return {name: plan.explanation[name] for name in ("min_conversions", "band", "saturation")} | {
        "bounds": bounds
    }


def draft_plan(
    *,
    budget: Decimal | None = None,
    currency: str = "",
    min_conversions: int = 0,
    band: bool = True,
    saturation: bool = True,
    bounds: Bounds | None = None,
    as_of: datetime | None = None,
) -> tuple[BudgetPlan, list[BudgetPlanLine]]:
    """Compute a plan without writing it: the unsaved plan and its unsaved lines.

    budget: for the next 30 days; None takes the plan in force, else the last 30 days' spend. currency: may be
    left out while all placements share one. band: move no placement further than 30 % from its recent share.
    saturation: the more a placement gets, the less each further unit brings. bounds: placement id -> (at
    least, at most), instead of its own. Raises Refused for mixed currencies, no placements, no budget and
    crossing bounds.
    """
    currency = currency or _only_currency()
    data = placement_data(as_of=as_of or present(), currency=currency)
    if not data.placements:
        raise Refused(
            _("No placement has a known return: enter the price and the rates of at least one placement.")
        )
    budget = whole_coins(default_budget(data) if budget is None else budget, currency)
    if budget <= 0:
        raise Refused(_("Enter the budget: an amount above zero."), field="budget")
    plan = BudgetPlan(
        budget=budget,
        currency=currency,
        explanation={
            "min_conversions": min_conversions,
            "band": band,
            "saturation": saturation,
            "bounds": _own_bounds(data, bounds or {}),
            "incomplete": [str(one) for one in data.incomplete],
        },
    )
    data = _bounded(data, bounds or {})
    problem = _problem(data, plan)
    outcome = allocation.allocate(problem)
    if isinstance(outcome, Conflict):
        return _explained(plan, data, problem, outcome), []
    return _filled(plan, data, problem, outcome), _lines(plan, data, problem, outcome)


def default_budget(data: PlacementData) -> Decimal:
    """The budget of the plan in force, else what the last 30 days cost."""
    in_force = BudgetPlan.objects.filter(published=True).first()
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
        raise Refused(_("There are no placements yet: add one, or take them from the ad reports."))
    return currencies[0]


def _own_bounds(data: PlacementData, bounds: Bounds) -> dict[str, Any]:
    """The bounds that differ from the placement's own, as JSON: these the plan remembers."""
    usual = {one.pk: (one.min_spend, one.max_spend) for one in data.placements}
    return {
        str(pk): [str(low), None if high is None else str(high)]
        for pk, (low, high) in bounds.items()
        if pk in usual and usual[pk] != (low, high)
    }


def _bounded(data: PlacementData, bounds: Bounds) -> PlacementData:
    """The data with this plan's own bounds; refused where a minimum lies above its maximum."""
    low, high = data.low.copy(), data.high.copy()
    for i, placement in enumerate(data.placements):
        if placement.pk in bounds:
            least, most = bounds[placement.pk]
            low[i], high[i] = float(least), np.inf if most is None else float(most)
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


def _ceiling(data: PlacementData, budget: float) -> Floats:
    """The maximums as finite numbers; a minimum above the budget stays visible as a conflict."""
    return np.maximum(data.low, np.minimum(data.high, budget))


def _problem(data: PlacementData, plan: BudgetPlan) -> Problem:
    wishes = plan.explanation
    budget = float(plan.budget)
    low, high = data.low, _ceiling(data, budget)
    if wishes["band"]:
        low, high = allocation.change_band(data.recent, low, high, budget)
    half = allocation.half_saturation(data.recent) if wishes["saturation"] else np.full(low.size, np.inf)
    return Problem(
        data.returns,
        low,
        high,
        budget,
        data.conversions,
        half,
        data.recent,
        float(wishes["min_conversions"]),
        float(smallest_coin(plan.currency)),
    )


def _filled(plan: BudgetPlan, data: PlacementData, problem: Problem, solution: Solution) -> BudgetPlan:
    """The plan's totals, and what the same money brings when split evenly or as of late."""
    low, high = data.low, _ceiling(data, problem.budget)
    plan.status = BudgetPlan.Status.OPTIMAL
    plan.spent = as_decimal(solution.total_spend)
    plan.expected_return = as_decimal(solution.total_return)
    plan.shadow_price = solution.shadow_price
    plan.explanation |= {
        "conversions": round(float(solution.conversions.sum()), 2),
        "equal_return": _return_of(problem, allocation.split(np.ones(low.size), low, high, problem.budget)),
        "today_return": _return_of(problem, allocation.split(data.recent, low, high, problem.budget))
        if data.recent.any()
        else None,
        "frontier": [[round(x, 2), round(y, 2)] for x, y in allocation.frontier(problem)],
    }
    return plan


def _explained(plan: BudgetPlan, data: PlacementData, problem: Problem, conflict: Conflict) -> BudgetPlan:
    """An impossible plan: which rows exclude each other and the smallest remedy of each kind."""
    lowered = conflict.minimums_lowered
    free = allocation.allocate(replace(problem, low=data.low, high=_ceiling(data, problem.budget)))
    plan.status = BudgetPlan.Status.INFEASIBLE
    plan.explanation |= {
        "minimums": round(conflict.minimums, 2),
        "budget_needed": conflict.budget_needed,
        "conversions_reachable": conflict.conversions_reachable and int(conflict.conversions_reachable),
        "lower": []
        if lowered is None
        else [
            [str(placement), float(amount)]
            for placement, amount in zip(data.placements, lowered, strict=True)
            if amount
        ],
        "band_in_the_way": isinstance(free, Solution),
    }
    return plan


def _lines(
    plan: BudgetPlan, data: PlacementData, problem: Problem, solution: Solution
) -> list[BudgetPlanLine]:
    lines = []
    for i, placement in enumerate(data.placements):
        effect = float(problem.effect(solution.spend)[i])
        lines.append(
            BudgetPlanLine(
                plan=plan,
                placement=placement,
                spend=as_decimal(solution.spend[i]),
                min_spend=as_decimal(problem.low[i]),
                max_spend=as_decimal(problem.high[i]),
                recent_spend=as_decimal(problem.recent[i]),
                impressions=_times(placement.impressions_per_unit, effect),
                clicks=_times(placement.clicks_per_unit, effect),
                conversions=float(solution.conversions[i]),
                expected_return=as_decimal(solution.returns[i]),
                return_per_unit=float(solution.returns[i] / solution.spend[i])
                if solution.spend[i]
                else float(problem.returns[i]),
                reason_key=_reason(
                    solution.binding[i],
                    problem.low[i] > data.low[i],
                    problem.high[i] < min(data.high[i], problem.budget),
                ),
            )
        )
    return sorted(lines, key=lambda line: -line.spend)


def _reason(binding: allocation.Binding, band_below: bool, band_above: bool) -> str:
    if binding == "maximum":
        return "raised" if band_above else "at_maximum"
    if binding == "minimum":
        return "lowered" if band_below else "at_minimum"
    return "rest" if binding == "rest" else "not_worth_it"


def _return_of(problem: Problem, spend: Floats) -> float:
    return round(float(problem.returns @ problem.effect(spend)), 2)


def _times(per_unit: float | None, amount: float) -> float | None:
    return None if per_unit is None else per_unit * amount
