"""The page of market baskets: what is bought together, and what viewing leads to."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from recommendations.models import AssociationRule, MarketBasketRun
from recommendations.presenters.market_baskets import lift_bars, lift_heat_map, rule_sentence
from shop.models import Order

JOB = "recommendations.market_baskets"
SHOWN = 50


@staff_page("recommendations.view_associationrule")
def overview(request: StaffRequest) -> HttpResponse:
    """Rules of one kind: the strongest in a sentence, a picture, the list."""
    run = MarketBasketRun.objects.published()
    kind = request.GET.get("kind", "")
    if kind not in AssociationRule.Kind:
        kind = _first_kind(run)
    rules = list(run.rules.filter(kind=kind).order_by("rank")[:SHOWN]) if run else []
    return page(
        request,
        "recommendations/market_baskets.html",
        title=_("Market baskets"),
        run=run,
        kind=kind,
        kinds=AssociationRule.Kind.choices,
        rules=[(rule, rule_sentence(rule)) for rule in rules],
        finding=rule_sentence(rules[0]) if rules else "",
        heat_map=lift_heat_map(rules) if kind != AssociationRule.Kind.PRODUCTS else None,
        bars=lift_bars(rules),
        job=JobRun.objects.last_of(JOB),
        has_orders=run is not None or Order.objects.exists(),
    )


def _first_kind(run: MarketBasketRun | None) -> str:
    """The first kind that has rules."""
    found = set(run.rules.values_list("kind", flat=True)) if run else set()
    return next(
        (kind for kind in AssociationRule.Kind.values if kind in found), AssociationRule.Kind.CATEGORIES
    )
