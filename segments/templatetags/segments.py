"""Segments in templates: the same words on every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from profiles.datasets.features import BY_KEY
from profiles.presenters.features import against_average
from segments.algorithms.methods import RfmClasses
from segments.models import Method, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.flows import flow_url
from segments.presenters.rfm import bounds, classes_by_score
from segments.presenters.wording import describe

register = template.Library()
register.filter("describe_segment", describe)
register.filter("flow_url", flow_url)


@register.filter
def reasons_of(snapshot: SegmentSnapshot) -> list[str]:
    """What sets a group apart, strongest first."""
    rows, run = snapshot.profile.by_feature(), snapshot.run
    return [
        against_average(key, rows[key].mean, rows[key].overall, run.currency, buyers=run.of_buyers)
        for key in snapshot.reasons
        if key in rows
    ]


@register.inclusion_tag("segments/parts/rfm.html")
def rfm_scores(segment: Segment | None = None) -> dict[str, Any]:
    """The RFM classes by their scores, those of `segment` marked, and from where to where each score goes."""
    run = SegmentRun.objects.published(Method.RFM)
    return {
        "segment": segment,
        "classes": classes_by_score(segment),
        "bounds": bounds(run) if run else [],
        "features": [BY_KEY[key] for key in RfmClasses.features],
    }


WIDE, HIGH = 64, 18  # of a sparkline, in pixels


@register.filter
def sparkline(sizes: Sequence[float], colour: str) -> SafeString:
    """Sizes over time, oldest first, as a line without axes: the figure is beside it. Nothing for fewer
    than two."""
    if len(sizes) < 2:
        return SafeString()
    low, span, step = min(sizes), (max(sizes) - min(sizes)) or 1, (WIDE - 4) / (len(sizes) - 1)
    points = " ".join(
        f"{2 + i * step:.1f},{HIGH - 2 - (size - low) / span * (HIGH - 4):.1f}"
        for i, size in enumerate(sizes)
    )
    return format_html(
        '<svg class="mo-spark" width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true">'
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="1.8" stroke-linejoin="round"/></svg>',
        WIDE,
        HIGH,
        WIDE,
        HIGH,
        points,
        colour,
    )
