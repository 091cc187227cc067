"""Summaries of segments: one form for all of them, whatever the method that made them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from segments.models import Rule, RuleSize, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.wording import describe
from segments.rules.tree import parse_stored
from segments.rules.wording import RuleWording
from segments.starter_segments import description_of

SPARKLINE = 12  # sizes


@dataclass(frozen=True)
class SegmentSummary:
    """A segment in force. `share` is of the customers its method looked at, `revenue_share` of their revenue;
    `revenue` is in `currency`. `sizes`: the numbers of customers run by run (of a rule: day by day), oldest
    first, the present one last; `sentence`: its rule in words."""

    segment: Segment
    size: int
    share: float
    revenue: Decimal
    revenue_share: float
    currency: str
    as_of: datetime
    description: str = ""
    sentence: str = ""
    sizes: list[int] = field(default_factory=list)

    @property
    def change(self) -> float | None:
        """Growth since the run before as a share of it; None without a run before or when nobody was in
        it."""
        if len(self.sizes) < 2 or not self.sizes[-2]:
            return None
        return self.sizes[-1] / self.sizes[-2] - 1


def summaries(segments: Iterable[int] | None = None) -> list[SegmentSummary]:
    """The segments in force (of the ids `segments` if given): those by rule first, of each method the nightly
    ones before those of other groupings, largest revenue first within each."""
    return [*_by_rule(segments), *_found_by_method(segments)]


def _by_rule(segments: Iterable[int] | None) -> list[SegmentSummary]:
    rules = Rule.objects.in_force()
    if segments is not None:
        rules = rules.filter(segment__in=segments)
    trees = {rule.segment_id: parse_stored(rule.tree) for rule in rules}
    speaker = RuleWording(list(trees.values()))
    past: dict[int, list[RuleSize]] = defaultdict(list)
    latest = Window(RowNumber(), partition_by="segment", order_by=F("day").desc())
    sizes = RuleSize.objects.filter(segment__in=trees).annotate(age=latest).filter(age__lte=SPARKLINE)
    for size in sizes.order_by("day"):
        past[size.segment_id].append(size)
    found = [
        _of_rule(rule, past[rule.segment_id], speaker.sentence(trees[rule.segment_id])) for rule in rules
    ]
    return sorted(found, key=lambda summary: -summary.revenue)


def _of_rule(rule: Rule, past: list[RuleSize], sentence: str) -> SegmentSummary:
    now = past[-1] if past else RuleSize(size=0, share=0, revenue=Decimal(0), revenue_share=0)
    return SegmentSummary(
        segment=rule.segment,
        size=now.size,
        share=now.share,
        revenue=now.revenue,
        revenue_share=now.revenue_share,
        currency=now.currency,
        as_of=rule.evaluated_at or rule.changed_at,
        description=rule.note or (description_of(rule.segment.slug) if rule.is_original else "") or sentence,
        sentence=sentence,
        sizes=[size.size for size in past],
    )


def _found_by_method(segments: Iterable[int] | None) -> list[SegmentSummary]:
    snapshots = SegmentSnapshot.objects.in_force().defer(
        "profile", *(f"run__{name}" for name in SegmentRun.CONTENTS)
    )
    if segments is not None:
        snapshots = snapshots.filter(segment__in=segments)
    found = list(snapshots)
    sizes = _past_sizes([snapshot.segment_id for snapshot in found])
    return [_of_snapshot(snapshot, sizes[snapshot.segment_id]) for snapshot in found]


def summary_of(segment: Segment) -> SegmentSummary | None:
    """The summary of this one; None when it is not in force."""
    return next(iter(summaries([segment.pk])), None)


def _of_snapshot(snapshot: SegmentSnapshot, sizes: list[int]) -> SegmentSummary:
    return SegmentSummary(
        segment=snapshot.segment,
        size=snapshot.size,
        share=snapshot.share,
        revenue=snapshot.revenue,
        revenue_share=snapshot.revenue_share,
        currency=snapshot.run.currency,
        as_of=snapshot.run.as_of,
        description=describe(snapshot.segment),
        sizes=sizes,
    )


def _past_sizes(segments: list[int]) -> dict[int, list[int]]:
    """The last SPARKLINE sizes of each segment, oldest first."""
    latest = Window(
        RowNumber(), partition_by="segment", order_by=[F("run__created_at").desc(), F("pk").desc()]
    )
    past = SegmentSnapshot.objects.filter(segment__in=segments, run__published_at__isnull=False)
    recent = past.annotate(age=latest).filter(age__lte=SPARKLINE).order_by("-age")
    sizes: dict[int, list[int]] = defaultdict(list)
    for segment, size in recent.values_list("segment_id", "size"):
        sizes[segment].append(size)
    return sizes
