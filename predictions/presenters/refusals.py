"""Why nothing was learned, and what stands in."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.templatetags.formats import money_rounded, number
from predictions.models import PredictionKind, PredictionRun

REASONS = {
    "buyers": gettext_noop("Learning needs %(needed)s customers with an order; there are %(found)s."),
    "repeaters": gettext_noop(
        "Learning needs %(needed)s customers who came back for a second order; there are %(found)s."
    ),
    "history": gettext_noop("Learning needs %(needed)s days of orders; there are %(found)s."),
    "outcomes": gettext_noop(
        "Learning needs %(needed)s customers of each kind in each test period; there were %(found)s."
    ),
    "next_orders": gettext_noop(
        "Learning needs %(needed)s next orders in each period; there were %(found)s."
    ),
    "categories": gettext_noop("Learning needs %(needed)s product categories; there are %(found)s."),
    "money": gettext_noop(
        "In the test the best method predicted %(found)s and %(needed)s was spent: that is too far off."
    ),
    "calibration": gettext_noop(
        "In the test even the best method was off by %(found)s points; the limit is %(needed)s."
    ),
    "chance": gettext_noop(
        "Even the best method ranked customers no better than chance in the latest test period."
    ),
}
FALLBACKS = {
    PredictionKind.LIFETIME: gettext_noop(
        "Until then each customer counts with the shop's rate of coming back and their own usual order."
    ),
    PredictionKind.CATEGORY: gettext_noop("Until then it is the category each customer spent most on."),
}
RATES = gettext_noop(
    "Until then each customer gets the rate of customers with a similar recency and number of orders."
)


def refusal(run: PredictionRun) -> str:
    """Why nothing was learned and what stands in; "" where something was."""
    refused = run.card.refused
    if refused is None:
        return ""
    why = _(REASONS[refused.reason])
    if "%(" in why:
        why %= {
            "needed": _figure(run, refused.reason, refused.needed),
            "found": _figure(run, refused.reason, refused.found),
        }
    return f"{why} {_(FALLBACKS.get(PredictionKind(run.kind), RATES))}"


def _figure(run: PredictionRun, reason: str, value: float) -> str:
    if reason == "money":
        return money_rounded(value, run.currency)
    return number(100 * value, 1) if reason == "calibration" else number(value)


def absent(kind: PredictionKind, *, computing: bool = False) -> str:
    """Why there is no prediction of a kind, where there are others. `computing`: whether the job that makes
    them is under way."""
    if computing:
        return _("Being computed: it appears here when the job is done.")
    if kind == PredictionKind.CATEGORY:
        return _("No prediction yet: it takes products of at least two categories.")
    return _("No prediction yet: the shop's history is too short for such a horizon.")
