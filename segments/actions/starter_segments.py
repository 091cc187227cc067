"""Setting up the segments that every shop starts with."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from profiles.datasets.thresholds import shop_thresholds
from segments.actions.rules.locks import hold_members
from segments.actions.rules.saving import save_rule
from segments.models import Method, Segment
from segments.starter_segments import STARTER_SEGMENTS

FEWEST_BUYERS = 20  # below, a shop's own quantiles are chance


@transaction.atomic
def ensure_starter_segments(*, as_of: datetime | None = None) -> list[Segment]:
    """Make those of STARTER_SEGMENTS that were never made, with figures from the shop's live counters;
    returns the new ones.

    What a person changed or archived stays as they left it. A shop with fewer than FEWEST_BUYERS buyers
    waits.
    """
    made = set(
        Segment.objects.filter(method=Method.RULE, slug__in=STARTER_SEGMENTS).values_list("slug", flat=True)
    )
    if len(made) == len(STARTER_SEGMENTS):
        return []
    hold_members()
    shop = shop_thresholds(as_of=as_of or timezone.now())  # our own clock
    if shop.buyers < FEWEST_BUYERS:
        return []
    return [
        save_rule(tree=starter.rule(shop), name="", name_key=starter.name, slug=starter.slug, by=None)
        for starter in STARTER_SEGMENTS.values()
        if starter.slug not in made
    ]
