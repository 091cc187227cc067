"""Sentences about a budget plan."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _

from ads.algorithms.amounts import smallest_coin
from ads.models import BudgetPlan
from backoffice.templatetags.formats import money, money_rounded, number, percent


def gain(plan: BudgetPlan) -> float | None:
    """Expected return beyond the same budget split as in the last 30 days (or evenly, without reports), as a
    share; None if the plan is impossible."""
    comparison = plan.explanation.comparison
    if comparison is None:
        return None
    before = comparison.current_return or comparison.equal_return
    return float(plan.expected_return) / before - 1 if before else None


def returned(plan: BudgetPlan, amount: str) -> str:
    """An amount that a plan returns, with what it is: revenue, or margin where product costs are known."""
    if plan.explanation.margin is None:
        return _("%s in revenue") % amount
    return _("%s in margin") % amount


def summary(plan: BudgetPlan) -> str:
    """What the plan achieves, in one sentence."""
    comparison, more = plan.explanation.comparison, gain(plan)
    if plan.status == BudgetPlan.Status.INFEASIBLE:
        return _("%s cannot be divided within these limits.") % _exact(plan.budget, plan.currency)
    words = {
        "spent": money_rounded(plan.spent, plan.currency),
        "back": returned(plan, money_rounded(plan.expected_return, plan.currency)),
    }
    if more is None or comparison is None:
        return _("Spending %(spent)s this way is expected to return %(back)s.") % words
    words["gain"] = percent(abs(more), 1 if abs(more) < 0.1 else 0)
    current = bool(comparison.current_return)
    if abs(more) < 0.0005 and current:
        sentence = _(
            "Spending %(spent)s this way is expected to return %(back)s, as much as the current split."
        )
    elif abs(more) < 0.0005:
        sentence = _("Spending %(spent)s this way is expected to return %(back)s, as much as an equal split.")
    elif more < 0:
        sentence = _(
            "Spending %(spent)s this way is expected to return %(back)s, %(gain)s less than without the "
            "limits that it keeps."
        )
    elif current:
        sentence = _(
            "Spending %(spent)s this way is expected to return %(back)s, %(gain)s more than the current "
            "split."
        )
    else:
        sentence = _(
            "Spending %(spent)s this way is expected to return %(back)s, %(gain)s more than an equal split."
        )
    return sentence % words


def marginal_return(plan: BudgetPlan) -> str:
    """What one more unit of budget would return, in one sentence; empty for an impossible plan."""
    if plan.shadow_price is None:
        return ""
    left = plan.budget - plan.spent
    if left > 10 * smallest_coin(plan.currency):
        unspent = {"unspent": _exact(left, plan.currency)}
        if plan.options.band:
            return (
                _(
                    "%(unspent)s of the budget stays unspent: every placement is at its maximum, or raised "
                    "by the most that one plan may."
                )
                % unspent
            )
        return _("%(unspent)s of the budget stays unspent: every placement is at its maximum.") % unspent
    words = {
        "unit": money_rounded(1, plan.currency),
        "back": returned(plan, money(round(plan.shadow_price, 2), plan.currency)),
    }
    if plan.shadow_price < 0.995:
        return _("The next %(unit)s of budget would return %(back)s: less than it costs.") % words
    sentence = _("The next %(unit)s of budget would return %(back)s.") % words
    return sentence if plan.explanation.margin is not None else f"{sentence} {costs_unknown()}"


def costs_unknown() -> str:
    return _("What the products cost is not known, so it can still be a loss.")


def next_unit_note(plan: BudgetPlan) -> str:
    """What stands below the return of the next unit of budget."""
    price = plan.shadow_price or 0.0
    known = plan.explanation.margin is not None
    if price < 0.995:
        return _("less than it costs")
    if not known:
        return _("in revenue; product costs are not known")
    return _("margin: as much as it costs") if price < 1.005 else _("margin: more than it costs")


def _exact(amount: Decimal | float, currency: str) -> str:
    """To the coin, without one that is nothing: £1,200, £1,200.40."""
    whole = Decimal(str(amount)) % 1 == 0
    return money_rounded(amount, currency) if whole else money(amount, currency)


def remedies(plan: BudgetPlan) -> list[str]:
    """For an impossible plan: what excludes what, then the smallest change of each kind that alone makes it
    possible."""
    return list(_remedies(plan))


def _remedies(plan: BudgetPlan) -> Iterator[str]:
    conflict = plan.explanation.conflict
    if conflict is None:
        return
    amount = partial(_exact, currency=plan.currency)
    required, reachable = plan.options.min_conversions, conflict.conversions_reachable
    if conflict.minimums > plan.budget:
        yield _("The minimums add up to %(minimums)s, the budget is %(budget)s.") % {
            "minimums": amount(conflict.minimums),
            "budget": amount(plan.budget),
        }
    elif required and reachable is not None:
        yield _("%(required)s conversions are required; this budget reaches at most %(reachable)s.") % {
            "required": number(required),
            "reachable": number(reachable),
        }
    if conflict.lowered_minimums:
        less = ", ".join(
            f"{lowered.placement}: {amount(lowered.amount)}" for lowered in conflict.lowered_minimums
        )
        yield _("Lower minimums by this much - %s.") % less
    if conflict.budget_needed and conflict.budget_needed > plan.budget:
        yield _("Raise the budget to %s.") % amount(conflict.budget_needed)
    if required and reachable and conflict.minimums <= plan.budget:
        yield _("Lower the minimum conversions to %s.") % number(reachable)
    if conflict.band_in_the_way:
        yield _("Let placements change by more than 30%: without that limit it is possible.")
