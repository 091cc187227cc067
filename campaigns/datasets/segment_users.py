"""Which campaigns use a segment: settings.SEGMENT_USERS names this."""

from __future__ import annotations

from campaigns.models import Campaign
from segments.models import Segment


def waiting_campaigns(segment: Segment) -> list[str]:
    """The names of the campaigns that have yet to be sent to a segment: it cannot be archived before
    them."""
    waiting = [
        Campaign.State.DRAFT,
        Campaign.State.SUBMITTED,
        Campaign.State.REJECTED,
        Campaign.State.APPROVED,
    ]
    return list(
        Campaign.objects.filter(segment=segment, state__in=waiting)
        .order_by("name")
        .values_list("name", flat=True)
    )
