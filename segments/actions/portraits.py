"""Drawing the portraits of segments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from backoffice.jobs import Progress, silent
from segments.datasets.portraits import (
    choose_members,
    gather_crowd,
    picture_of_members,
    products_of_members,
    profile_of_members,
)
from segments.models import Segment, SegmentPortrait
from segments.presenters.standing import standings
from shop.calendar import present

STEP = gettext_noop("Drawing portraits of segments")


@transaction.atomic
def draw_portraits(
    *, segments: Sequence[int] | None = None, as_of: datetime | None = None, progress: Progress = silent
) -> int:
    """Describe all segments in force (or those of the ids `segments`) as they are now; returns how many.

    A segment that is not in force any more, or has nobody in it, loses its portrait.
    """
    there = [standing.segment for standing in standings(segments)]
    progress(0, len(there) + 1, STEP)
    crowd = gather_crowd(as_of=as_of or present())
    drawn = []
    for done, segment in enumerate(there):
        progress(done + 1, len(there) + 1, STEP)
        if size := choose_members(segment):
            drawn.append(
                SegmentPortrait(
                    segment=segment,
                    as_of=crowd.as_of,
                    size=size,
                    currency=crowd.currency,
                    profile=profile_of_members(crowd),
                    products=products_of_members(crowd, size),
                    picture=picture_of_members(crowd),
                )
            )
    asked = Segment.objects.filter(pk__in=segments) if segments is not None else Segment.objects.all()
    SegmentPortrait.objects.filter(segment__in=asked).delete()
    SegmentPortrait.objects.bulk_create(drawn)
    progress(len(there) + 1, len(there) + 1)
    return len(drawn)
