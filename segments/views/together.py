"""The page of what goes together."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from segments.models import AssociationRule, AssociationRun
from segments.presenters.wording import going_together
from shop.models import Order

JOB = "segments.associations"
SHOWN, PICTURED = 50, 12


@staff_page("segments.view_segment")
def overview(request: StaffRequest) -> HttpResponse:
    """Rules of one kind: the strongest in a sentence, a picture, the list."""
    run = AssociationRun.objects.first()
    kind = request.GET.get("kind", "")
    if kind not in AssociationRule.Kind:
        kind = _first_kind(run)
    rules = list(run.rules.filter(kind=kind).order_by("rank")[:SHOWN]) if run else []
    return page(
        request,
        "segments/together.html",
        title=_("What goes together"),
        run=run,
        kind=kind,
        kinds=AssociationRule.Kind.choices,
        rules=[(rule, going_together(rule)) for rule in rules],
        finding=going_together(rules[0]) if rules else "",
        chart=_heat(rules) if kind != AssociationRule.Kind.PRODUCTS else None,
        bars=_bars(rules),
        job=JobRun.objects.last_of(JOB),
        has_orders=run is not None or Order.objects.exists(),
    )


def _first_kind(run: AssociationRun | None) -> str:
    """The first kind that has rules."""
    found = set(run.rules.values_list("kind", flat=True)) if run else set()
    return next(
        (kind for kind in AssociationRule.Kind.values if kind in found), AssociationRule.Kind.CATEGORIES
    )


def _bars(rules: list[AssociationRule]) -> dict[str, Any]:
    once = {
        frozenset([*rule.given, rule.then]): rule for rule in reversed(rules)
    }  # of both directions the stronger
    shown = sorted(once.values(), key=lambda rule: rule.rank)[:PICTURED]
    return {
        "categories": [f"{' + '.join(rule.given)} → {rule.then}" for rule in shown],
        "horizontal": True,
        "format": "number",
        "wide": True,
        "x": _("times as often as usual"),
        "series": [
            {
                "name": _("times as often as usual"),
                "values": [round(rule.lift, 2) for rule in shown],
                "colour": "#4F46E5",
            }
        ],
    }


def _heat(rules: list[AssociationRule]) -> dict[str, Any] | None:
    """Category by category: how many times as often as usual."""
    pairs = [rule for rule in rules if len(rule.given) == 1]
    rows = list(dict.fromkeys(rule.given[0] for rule in pairs))[:PICTURED]
    columns = list(dict.fromkeys(rule.then for rule in pairs))[:PICTURED]
    if len(rows) < 2:
        return None
    return {
        "rows": rows,
        "columns": columns,
        "x": _("then"),
        "y": "",
        "narrow": True,
        "name": _("times as often as usual"),
        "format": "number",
        "values": [
            [columns.index(rule.then), rows.index(rule.given[0]), round(rule.lift, 2)]
            for rule in pairs
            if rule.then in columns and rule.given[0] in rows
        ],
    }
