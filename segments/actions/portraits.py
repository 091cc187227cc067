"""Updating the portraits of segments: what their customers are like and what they buy."""

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
from segments.presenters.summaries import summaries
from shop.calendar import present

STEP = gettext_noop("Updating segment profiles")


@transaction.atomic
def update_portraits(
    *, segments: Sequence[int] | None = None, as_of: datetime | None = None, progress: Progress = silent
) -> int:
    """Describe all segments in force (or those of the ids `segments`) as they are now; returns how many.

    A segment that is not in force any more, or has nobody in it, loses its portrait.
    """
    in_force = [summary.segment for summary in summaries(segments)]
    progress(0, len(in_force) + 1, STEP)
    crowd = gather_crowd(as_of=as_of or present())
    updated = []
    for done, segment in enumerate(in_force):
        progress(done + 1, len(in_force) + 1, STEP)
        if size := choose_members(segment):
            updated.append(
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
    wanted = Segment.objects.filter(pk__in=segments) if segments is not None else Segment.objects.all()
    SegmentPortrait.objects.filter(segment__in=wanted).delete()
    SegmentPortrait.objects.bulk_create(updated)
    progress(len(in_force) + 1, len(in_force) + 1)
    return len(updated)
