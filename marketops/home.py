"""What the home page shows, in sentences and charts: to-dos, groups of customers, campaigns and figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.declarations import Todo, frames
from backoffice.models import User
from backoffice.templatetags.formats import number, percent
from marketops import figures
from marketops.figures import Figures
from segments.models import SegmentSnapshot

ACCENT = "#4F46E5"  # of charts with one series
LEVEL = 0.0005  # a change that rounds to 0.0 %


def waiting_for(user: User) -> list[Todo]:
    """What this person can act upon, most pressing first."""
    todos = [todo for frame in frames() for find in frame.todos for todo in find(user)]
    return sorted(todos, key=lambda todo: todo.urgency)


def campaign_rows(counted: Figures | None) -> list[dict[str, Any]]:
    """The latest campaigns, each with the incremental revenue that was measured when the figures were last
    added up."""
    measured = counted.campaigns if counted else {}
    return [
        {"campaign": campaign, "measured": measured.get(campaign.pk)}
        for campaign in figures.latest_campaigns()
    ]


def standing_out(snapshots: list[SegmentSnapshot]) -> str:
    """The sentence that says which group stands out; empty before the first grouping."""
    if not snapshots:
        return ""
    best = max(snapshots, key=lambda snapshot: snapshot.revenue_share)
    return _(
        "%(name)s are %(share)s of the customers in the groups and %(revenue)s of the groups' revenue"
    ) % {
        "name": best.segment.name,
        "share": percent(best.share),
        "revenue": percent(best.revenue_share),
    }


def left_out(snapshots: list[SegmentSnapshot], customers: int | None) -> str:
    """Why the groups hold fewer people than there are `customers`; empty when they do not. With `customers`
    known, the groups and these numbers add up to them."""
    if not snapshots:
        return ""
    quality = snapshots[0].run.quality
    newer = (customers or 0) - sum(snapshot.size for snapshot in snapshots)
    newer -= quality.duplicates + quality.unprofiled
    reasons = [
        (quality.duplicates, _("%s records share an address with another: one person")),
        (quality.unprofiled, _("%s opted out of personalisation and are in no group")),
        (max(newer, 0), _("%s came later and are in no group yet")),
    ]
    return " · ".join(text % number(count) for count, text in reasons if count)


def revenue_chart(counted: Figures) -> dict[str, Any]:
    """Revenue by month, as `static/marketops` draws it."""
    months = [datetime.fromisoformat(f"{row.month}-01") for row in counted.months]
    return {
        "categories": [date_format(month, "YEAR_MONTH_FORMAT") for month in months],
        "sparse": True,
        "series": [
            {"name": _("revenue"), "values": [row.revenue for row in counted.months], "colour": ACCENT}
        ],
        "y": counted.currency,
        "format": "money",
        "currency": counted.currency,
    }


def change_in_words(change: float | None) -> str:
    """As in `revenue_finding`, to the same digit: +14.5%."""
    if change is None:
        return ""
    sign = "" if abs(change) < LEVEL else "+" if change > 0 else "−"
    return sign + percent(abs(change), 1)


def revenue_finding(change: float | None) -> str:
    """The change of revenue against the 30 days before, in a sentence."""
    if change is None:
        return _("Revenue by month")
    if abs(change) < LEVEL:
        return _("Revenue is level with the 30 days before")
    sentence = (
        _("Revenue is %s above the 30 days before")
        if change > 0
        else _("Revenue is %s below the 30 days before")
    )
    return sentence % percent(abs(change), 1)
