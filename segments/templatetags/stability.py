"""What a page that shows the groups says about how firm they stand."""

from __future__ import annotations

from typing import Any

from django import template

from segments.models import Method, Proposal, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.drift import sentences
from segments.presenters.surrogate import rule_in_words

register = template.Library()


@register.inclusion_tag("segments/parts/stability_notice.html")
def stability_notice() -> dict[str, Any]:
    """A proposal that waits, and the drift alarms of the run in force."""
    run = SegmentRun.objects.only("drift").published(Method.KMEANS)
    return {"pending": Proposal.objects.pending().first(), "alarms": sentences(run) if run else []}


@register.inclusion_tag("segments/parts/surrogate.html")
def surrogate_rule(segment: Segment) -> dict[str, Any]:
    """What makes a customer one of this behaviour group, in rules, when a small tree explains the groups
    well."""
    snapshot = SegmentSnapshot.objects.in_force(Method.KMEANS).filter(segment=segment).first()
    return {"rule": rule_in_words(snapshot.run, snapshot.position) if snapshot else None}
