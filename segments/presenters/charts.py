"""Pictures of segments that several pages show alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.templatetags.formats import money_rounded, number
from profiles.datasets.features import BY_KEY
from segments.colours import ACCENT, NEUTRAL
from segments.models import CustomerMap, Segment, SegmentRun


class Shares(Protocol):
    """A summary or a snapshot of a segment."""

    @property
    def segment(self) -> Segment: ...
    @property
    def share(self) -> float: ...
    @property
    def revenue_share(self) -> float: ...


def full_name(segment: Segment) -> str:
    return segment.name


def short_name(segment: Segment) -> str:
    """For a page that says which grouping it shows."""
    return segment.short_name


def shares_chart(rows: Sequence[Shares], name: Callable[[Segment], str] = full_name) -> dict[str, Any]:
    """The share of customers beside the share of revenue, a pair of bars a segment."""
    return {
        "categories": [name(row.segment) for row in rows],
        "format": "percent",
        "horizontal": True,
        "x": _("share of customers and of revenue"),
        "series": [
            {"name": _("customers"), "values": [round(row.share, 4) for row in rows], "colour": NEUTRAL},
            {
                "name": _("revenue"),
                "values": [round(row.revenue_share, 4) for row in rows],
                "colour": ACCENT,
            },
        ],
    }


def map_chart(
    run: SegmentRun, shown: CustomerMap, name: Callable[[Segment], str] = full_name
) -> dict[str, Any]:
    """A sample of customers on a plane, in the colours of their groups."""
    x, y = (BY_KEY[key].title for key in shown.axes)
    rows = list(zip(shown.groups, shown.x, shown.y, shown.orders, shown.spent, strict=True))
    series = []
    for snapshot in run.snapshots.select_related("segment").order_by("-revenue").defer("profile"):
        points = [
            [x, y, _orders_and_money(orders, spent, run.currency)]
            for group, x, y, orders, spent in rows
            if group == snapshot.position
        ]
        if points:
            segment = snapshot.segment
            series.append({"name": name(segment), "colour": segment.colour, "points": points})
    more = _("more: %s")
    return {"x": f"{more % x} →", "y": f"{more % y} →", "hideAxes": True, "series": series}


def _orders_and_money(orders: int, spent: int, currency: str) -> str:
    return ngettext("%(orders)s order, %(spent)s", "%(orders)s orders, %(spent)s", orders) % {
        "orders": number(orders),
        "spent": money_rounded(spent, currency),
    }
