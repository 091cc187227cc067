"""Ad placements and the plan that divides the budget among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

import numpy as np
from babel.numbers import get_currency_precision
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.jobs import Progress, silent
from backoffice.models import User
from backoffice.templatetags.formats import number
from campaigns import datasets
from campaigns.algorithms import allocation
from campaigns.algorithms.allocation import Conflict, Floats, Problem, Solution
from campaigns.algorithms.rates import shrunk_ratio, shrunk_value
from campaigns.datasets import PlacementData, ReportFacts
from campaigns.models import BudgetPlan, BudgetPlanLine, Placement

HEADROOM = Decimal("1.5")  # a derived maximum: this times the best recent month
STEADY = 0.05  # a price that varies less than this from day to day is the one that is charged

Bounds = dict[int, tuple[Decimal, Decimal | None]]


@transaction.atomic
def save_placement(*, by: User, placement: Placement) -> Placement:
    """Add or change a placement. From now on its figures are staff's: ad reports no longer overwrite them."""
    require(by, "campaigns.change_placement")
    placement.by_hand = True
    placement.save()
    record(
        by=by,
        verb="placement.save",
        about=placement,
        pricing=placement.pricing,
        price=str(placement.price),
        currency=placement.currency,
        value=str(placement.conversion_value),
    )
    return placement


@transaction.atomic
def archive_placement(*, by: User, placement: Placement, archived: bool = True) -> Placement:
    """Take a placement out of future plans, or back in; past plans keep it."""
    require(by, "campaigns.change_placement")
    placement.active = not archived
    placement.save(update_fields=["active"])
    record(by=by, verb="placement.archive" if archived else "placement.restore", about=placement)
    return placement


@transaction.atomic
def placements_from_reports(*, by: User | None = None, as_of: datetime | None = None) -> dict[str, int]:
    """Derive placements from the ad reports of the last 90 days, and refresh those that staff did not touch.

    Returns how many were added, refreshed and kept as staff entered them. `by=None` is the scheduler.
    """
    if by is not None:
        require(by, "campaigns.change_placement")
    facts = datasets.report_facts(as_of=as_of or timezone.now())
    there = {(p.platform, p.name): p for p in Placement.objects.select_for_update()}
    kept = {key for key, placement in there.items() if placement.by_hand}
    fresh = [p for p in _derive(facts) if (p.platform, p.name) not in kept]
    Placement.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["platform", "name"],
        update_fields=[
            "pricing",
            "price",
            "currency",
            "click_rate",
            "conversion_rate",
            "conversion_value",
            "max_spend",
        ],
    )
    added = sum((p.platform, p.name) not in there for p in fresh)
    counts = {"added": added, "refreshed": len(fresh) - added, "kept": len(facts) - len(fresh)}
    for placement in fresh:
        record(
            by=by,
            verb="placement.derive",
            about=placement,
            price=str(placement.price),
            currency=placement.currency,
        )
    return counts


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
        require(by, "campaigns.plan_budget")
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
        require(by, "campaigns.plan_budget")
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
    currency = in_force.currency if in_force else main_currency()
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


def main_currency() -> str:
    """The currency in which most placements are priced; empty without placements."""
    counts = Placement.objects.filter(active=True).order_by().values("currency").annotate(total=Count("pk"))
    most = counts.order_by("-total", "currency").first()
    return most["currency"] if most else ""


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
    data = datasets.placement_data(as_of=as_of or timezone.now(), currency=currency)
    if not data.placements:
        raise Refused(
            _("No placement has a known return: enter the price and the rates of at least one placement.")
        )
    budget = _coin(default_budget(data) if budget is None else budget, currency)
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


def _unit(currency: str) -> Decimal:
    """The smallest coin: 0.01, for yen 1."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


def _coin(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(_unit(currency), ROUND_DOWN)


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
        float(_unit(plan.currency)),
    )


def _filled(plan: BudgetPlan, data: PlacementData, problem: Problem, solution: Solution) -> BudgetPlan:
    """The plan's totals, and what the same money brings when split evenly or as of late."""
    low, high = data.low, _ceiling(data, problem.budget)
    plan.status = BudgetPlan.Status.OPTIMAL
    plan.spent = _money(solution.total_spend)
    plan.expected_return = _money(solution.total_return)
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
                spend=_money(solution.spend[i]),
                min_spend=_money(problem.low[i]),
                max_spend=_money(problem.high[i]),
                recent_spend=_money(problem.recent[i]),
                impressions=_times(placement.impressions_per_unit, effect),
                clicks=_times(placement.clicks_per_unit, effect),
                conversions=float(solution.conversions[i]),
                expected_return=_money(solution.returns[i]),
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


def _money(amount: float) -> Decimal:
    return Decimal(str(round(float(amount), 4)))


def _times(per_unit: float | None, amount: float) -> float | None:
    return None if per_unit is None else per_unit * amount


def _derive(facts: list[ReportFacts]) -> list[Placement]:
    """Placements as the reports show them; those whose platform never brought a conversion have no conversion
    rate."""
    if not facts:
        return []
    platforms = sorted({(fact.platform, fact.currency) for fact in facts})
    group = np.array([platforms.index((fact.platform, fact.currency)) for fact in facts])
    impressions, clicks, conversions, revenue = (
        np.array([getattr(fact, name) for fact in facts], float)
        for name in ("impressions", "clicks", "conversions", "revenue")
    )
    click_rate, conversion_rate = (
        shrunk_ratio(clicks, impressions, group),
        shrunk_ratio(conversions, clicks, group),
    )
    value = shrunk_value(revenue, conversions, group)
    return [
        Placement(
            platform=fact.platform,
            name=fact.placement,
            currency=fact.currency,
            **_pricing(fact),
            click_rate=_rate(click_rate[i]),
            conversion_rate=_rate(conversion_rate[i]),
            conversion_value=_money(value[i]),
            max_spend=_coin(HEADROOM * fact.best_pace, fact.currency),
        )
        for i, fact in enumerate(facts)
    ]


def _pricing(fact: ReportFacts) -> dict[str, Any]:
    """How the platform charges: by what has the steadiest price; a click where nothing is steady."""
    prices = {
        Placement.Pricing.CPC: (fact.unsteady_click, fact.clicks),
        Placement.Pricing.CPM: (fact.unsteady_impression, fact.impressions / 1000),
        Placement.Pricing.CPA: (fact.unsteady_conversion, fact.conversions),
    }
    steady = {
        kind: varies
        for kind, (varies, count) in prices.items()
        if varies is not None and varies < STEADY and count
    }
    kind = (
        min(steady, key=lambda one: steady[one])
        if steady
        else (Placement.Pricing.CPC if fact.clicks else Placement.Pricing.CPM)
    )
    price = float(fact.spend) / max(float(prices[kind][1]), 1.0)
    return {"pricing": kind, "price": max(_money(price), Decimal("0.0001"))}


def _rate(value: float) -> float | None:
    return float(min(value, 1.0)) if np.isfinite(value) else None
