"""How the segments stand: one form for all of them, whatever the method that made them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from segments.models import Segment, SegmentSnapshot
from segments.wording import describe

REMEMBERED = 12  # sizes on a sparkline


@dataclass(frozen=True)
class Standing:
    """A segment in force. `share` is of the customers its method looked at, `revenue_share` of their revenue; `revenue` is in
    `currency`. `sizes`: the numbers of customers run by run, oldest first, the present one last."""

    segment: Segment
    size: int
    share: float
    revenue: Decimal
    revenue_share: float
    currency: str
    as_of: datetime
    description: str = ""
    sizes: list[int] = field(default_factory=list)

    @property
    def change(self) -> float | None:
        """Growth since the run before as a share of it; None without a run before or when nobody was in it."""
        if len(self.sizes) < 2 or not self.sizes[-2]:
            return None
        return self.sizes[-1] / self.sizes[-2] - 1


def standings(segments: Iterable[int] | None = None) -> list[Standing]:
    """The segments in force (of the ids `segments` if given), largest revenue first within each method."""
    snapshots = SegmentSnapshot.objects.in_force().defer("profile", "run__estimator", "run__picture", "run__selection")
    if segments is not None:
        snapshots = snapshots.filter(segment__in=segments)
    found = list(snapshots)
    sizes = _past_sizes([snapshot.segment_id for snapshot in found])
    return [_of(snapshot, sizes[snapshot.segment_id]) for snapshot in found]


def standing_of(segment: Segment) -> Standing | None:
    """How this one stands; None when it is not in force."""
    return next(iter(standings([segment.pk])), None)


def _of(snapshot: SegmentSnapshot, sizes: list[int]) -> Standing:
    return Standing(
        segment=snapshot.segment, size=snapshot.size, share=snapshot.share, revenue=snapshot.revenue,
        revenue_share=snapshot.revenue_share, currency=snapshot.run.currency, as_of=snapshot.run.as_of,
        description=describe(snapshot.segment.slug), sizes=sizes,
    )


def _past_sizes(segments: list[int]) -> dict[int, list[int]]:
    sizes: dict[int, list[int]] = defaultdict(list)
    past = SegmentSnapshot.objects.filter(segment__in=segments).order_by("run__created_at", "pk")
    for segment, size in past.values_list("segment_id", "size"):
        sizes[segment].append(size)
    return defaultdict(list, {segment: known[-REMEMBERED:] for segment, known in sizes.items()})
