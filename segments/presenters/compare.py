"""Two segments side by side: the finding, their overlap, how their profiles differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import percent
from profiles.datasets.features import Feature
from segments.colours import BOTH
from segments.datasets.memberships import member_ids
from segments.models import Segment
from segments.presenters.portraits import VISIBLE, ProfileRow
from segments.presenters.summaries import SegmentSummary


@dataclass(frozen=True)
class ComparedFeature:
    """A feature of both: means in words, and the differences from everybody in standard deviations."""

    feature: Feature
    first: str
    second: str
    overall: str
    differences: tuple[float, float]


def compared_features(first: Sequence[ProfileRow], second: Sequence[ProfileRow]) -> list[ComparedFeature]:
    """Those that both profiles have, the largest difference between the two first."""
    others = {row.feature.key: row for row in second}
    pairs = [(row, others[row.feature.key]) for row in first if row.feature.key in others]
    return [
        ComparedFeature(own.feature, own.mean, other.mean, own.overall, (own.difference, other.difference))
        for own, other in sorted(pairs, key=lambda pair: -abs(pair[0].difference - pair[1].difference))
    ]


@dataclass(frozen=True)
class Overlap:
    """Numbers of customers of two segments, and of those in both."""

    first: int
    second: int
    both: int

    @property
    def only_first(self) -> int:
        return self.first - self.both

    @property
    def only_second(self) -> int:
        return self.second - self.both

    @property
    def either(self) -> int:
        return self.first + self.second - self.both


def overlap(first: Segment, second: Segment) -> Overlap:
    """Count who is in one, the other and both, by the same members as every page."""
    members, others = member_ids(first), member_ids(second)
    return Overlap(members.count(), others.count(), members.filter(customer__in=others).count())


def overlap_finding(chosen: Sequence[SegmentSummary], shared: Overlap) -> str:
    """What part of the smaller one is in the larger one."""
    names = [summary.segment.name for summary in chosen]
    if not shared.both:
        return _("Nobody is in both “%(first)s” and “%(second)s”.") % {"first": names[0], "second": names[1]}
    smaller = 0 if shared.first <= shared.second else 1
    return _("%(share)s of “%(smaller)s” are in “%(larger)s” as well.") % {
        "share": percent(shared.both / min(shared.first, shared.second)),
        "smaller": names[smaller],
        "larger": names[1 - smaller],
    }


def overlap_chart(chosen: Sequence[SegmentSummary], shared: Overlap) -> dict[str, Any]:
    """One bar: only in the first, in both, only in the second."""
    first, second = (summary.segment for summary in chosen)
    parts = [
        (_("only “%s”") % first.name, shared.only_first, first.colour),
        (_("in both"), shared.both, BOTH),
        (_("only “%s”") % second.name, shared.only_second, second.colour),
    ]
    return {
        "categories": [""],
        "horizontal": True,
        "stacked": True,
        "x": _("customers"),
        "format": "number",
        "series": [{"name": name, "values": [n], "colour": colour} for name, n, colour in parts],
    }


def differences_chart(
    chosen: Sequence[SegmentSummary], compared: Sequence[ComparedFeature]
) -> dict[str, Any]:
    """The features in which at least one of them is visibly unlike everybody."""
    rows = [row for row in compared if max(map(abs, row.differences)) >= VISIBLE]
    return {
        "categories": [str(row.feature.title) for row in rows],
        "horizontal": True,
        "format": "ratio",
        "x": _("standard deviations from the average customer"),
        "series": [
            {
                "name": summary.segment.name,
                "colour": summary.segment.colour,
                "values": [round(row.differences[i], 2) for row in rows],
            }
            for i, summary in enumerate(chosen)
        ],
    }
