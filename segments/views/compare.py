"""Two segments side by side: size, worth, overlap, profile, products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from backoffice.pages import StaffRequest, page, staff_page
from segments.colours import COLOURS
from segments.models import Profile, Segment, SegmentPortrait, SegmentSnapshot
from segments.presenters.compare import (
    compared_features,
    differences_chart,
    overlap,
    overlap_chart,
    overlap_finding,
)
from segments.presenters.portraits import ProfileRow, buyers_chart, product_rows, profile_rows
from segments.presenters.summaries import SegmentSummary, summaries


@staff_page("segments.view_segment")
def compare(request: StaffRequest) -> HttpResponse:
    """?segment=&segment=: the two to compare; what is missing is chosen on the page."""
    offered = summaries()
    by_pk = {str(summary.segment.pk): summary for summary in offered}
    wanted = list(dict.fromkeys(request.GET.getlist("segment")))
    chosen = [by_pk[pk] for pk in wanted if pk in by_pk][:2]
    context = _compared(chosen) if len(chosen) == 2 else {}
    picked = [summary.segment.pk for summary in chosen] + [0, 0]
    return page(
        request,
        "segments/compare.html",
        title=_("Compare two segments"),
        offered=offered,
        picked=picked[:2],
        chosen=chosen,
        **context,
    )


def _compared(chosen: Sequence[SegmentSummary]) -> dict[str, Any]:
    first, second = (summary.segment for summary in chosen)
    shared = overlap(first, second)
    if first.name == second.name:  # two methods may find groups of one name
        for segment in (first, second):
            segment.custom_name = segment.label
    found = SegmentPortrait.objects.filter(segment__in=[first, second]).select_related("segment")
    portraits = {portrait.segment_id: portrait for portrait in found}
    _tell_apart(first, second, portraits)
    rows = compared_features(*(_profile(summary, portraits.get(summary.segment.pk)) for summary in chosen))
    return {
        "overlap": shared,
        "finding": overlap_finding(chosen, shared),
        "overlap_chart": overlap_chart(chosen, shared),
        "profile_chart": differences_chart(chosen, rows),
        "rows": rows,
        "map_chart": buyers_chart(
            [portraits[segment.pk] for segment in (first, second) if segment.pk in portraits]
        ),
        "products": [
            (summary, product_rows(portraits[summary.segment.pk]) if summary.segment.pk in portraits else [])
            for summary in chosen
        ],
    }


def _tell_apart(first: Segment, second: Segment, portraits: Mapping[int, SegmentPortrait]) -> None:
    """Segments of different methods may have one colour: here the second is shown in another."""
    if first.colour == second.colour:
        second.colour = next(colour for colour in COLOURS if colour != first.colour)
        if second.pk in portraits:
            portraits[second.pk].segment = second


def _profile(summary: SegmentSummary, portrait: SegmentPortrait | None) -> list[ProfileRow]:
    """From the portrait, which all methods have alike, or from the run."""
    if portrait:
        return profile_rows(portrait.profile, summary.currency)
    snapshot = SegmentSnapshot.objects.in_force().filter(segment=summary.segment).first()
    profile = snapshot.profile if snapshot else Profile()
    return profile_rows(profile, summary.currency, buyers=snapshot is not None and snapshot.run.of_buyers)
