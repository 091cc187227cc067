"""Segments in templates: the same words on every page."""

from __future__ import annotations

from django import template

from segments.models import SegmentSnapshot
from segments.wording import against_average, describe

register = template.Library()
register.filter("describe_segment", describe)


@register.filter
def reasons_of(snapshot: SegmentSnapshot) -> list[str]:
    """What sets a group apart, strongest first."""
    rows = {row["feature"]: row for row in snapshot.profile["features"]}
    return [against_average(rows[key], snapshot.run.currency) for key in snapshot.reason["features"]]
