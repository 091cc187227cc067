"""Two segments side by side: size, worth, overlap, profile, products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import percent
from segments.actions.publishing import COLOURS
from segments.models import Segment, SegmentPortrait, SegmentSnapshot
from segments.presenters.profiles import VISIBLE, map_chart, product_rows, profile_rows
from segments.presenters.standing import Overlap, Standing, overlap, standings

BOTH = "#5B6B8C"  # no segment's colour


@staff_page("segments.view_segment")
def compare(request: StaffRequest) -> HttpResponse:
    """?segment=&segment=: the two to compare; what is missing is chosen on the page."""
    offered = standings()
    by_pk = {str(one.segment.pk): one for one in offered}
    asked = list(dict.fromkeys(request.GET.getlist("segment")))
    chosen = [by_pk[pk] for pk in asked if pk in by_pk][:2]
    context = _compared(chosen) if len(chosen) == 2 else {}
    picked = [one.segment.pk for one in chosen] + [0, 0]
    return page(
        request,
        "segments/compare.html",
        title=_("Compare two segments"),
        offered=offered,
        picked=picked[:2],
        chosen=chosen,
        **context,
    )


def _compared(chosen: Sequence[Standing]) -> dict[str, Any]:
    first, second = (one.segment for one in chosen)
    shared = overlap(first, second)
    if first.name == second.name:  # two methods may find groups of one name
        for one in (first, second):
            one.custom_name = f"{one.name} · {one.get_method_display()}"
    drawn = SegmentPortrait.objects.filter(segment__in=[first, second]).select_related("segment")
    portraits = {portrait.segment_id: portrait for portrait in drawn}
    _tell_apart(first, second, portraits)
    profiles = [_profile(one, portraits.get(one.segment.pk)) for one in chosen]
    return {
        "overlap": shared,
        "finding": _finding(chosen, shared),
        "overlap_chart": _overlap_chart(chosen, shared),
        "profile_chart": _profile_chart(chosen, profiles),
        "rows": _side_by_side(profiles),
        "map_chart": map_chart([portraits[one.pk] for one in (first, second) if one.pk in portraits]),
        "products": [
            (one, product_rows(portraits[one.segment.pk]) if one.segment.pk in portraits else [])
            for one in chosen
        ],
    }


def _tell_apart(first: Segment, second: Segment, portraits: Mapping[int, SegmentPortrait]) -> None:
    """Segments of different methods may have one colour: here the second is shown in another."""
    if first.colour == second.colour:
        second.colour = next(colour for colour in COLOURS if colour != first.colour)
        if second.pk in portraits:
            portraits[second.pk].segment = second


def _finding(chosen: Sequence[Standing], shared: Overlap) -> str:
    names = [one.segment.name for one in chosen]
    if not shared.both:
        return _("Nobody is in both “%(first)s” and “%(second)s”.") % {"first": names[0], "second": names[1]}
    smaller = 0 if shared.first <= shared.second else 1
    return _("%(share)s of “%(smaller)s” are in “%(larger)s” as well.") % {
        "share": percent(shared.both / min(shared.first, shared.second)),
        "smaller": names[smaller],
        "larger": names[1 - smaller],
    }


def _overlap_chart(chosen: Sequence[Standing], shared: Overlap) -> dict[str, Any]:
    first, second = (one.segment for one in chosen)
    parts = [
        (_("only “%s”") % first.name, shared.only_first, first.colour),
        (_("in both"), shared.both, BOTH),
        (_("only “%s”") % second.name, shared.only_second, second.colour),
    ]
    return {
        "categories": [""],
        "horizontal": True,
        "stacked": True,
        "x": _("customers"),
        "format": "number",
        "series": [{"name": name, "values": [n], "colour": colour} for name, n, colour in parts],
    }


def _profile(one: Standing, portrait: SegmentPortrait | None) -> dict[str, dict[str, Any]]:
    """By feature: from the portrait, which all methods have alike, or from the run."""
    snapshot = (
        SegmentSnapshot.objects.in_force().filter(segment=one.segment).first() if portrait is None else None
    )
    profile = portrait.profile if portrait else snapshot.profile if snapshot else {}
    buyers = snapshot is not None and snapshot.run.of_buyers
    return {row["feature"].key: row for row in profile_rows(profile, one.currency, buyers=buyers)}


def _side_by_side(profiles: Sequence[dict[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    first, second = profiles
    keys = sorted(
        first.keys() & second.keys(),
        key=lambda key: -abs(first[key]["difference"] - second[key]["difference"]),
    )
    return [
        {
            "feature": first[key]["feature"],
            "first": first[key]["mean"],
            "second": second[key]["mean"],
            "overall": first[key]["overall"],
            "differences": [first[key]["difference"], second[key]["difference"]],
        }
        for key in keys
    ]


def _profile_chart(
    chosen: Sequence[Standing], profiles: Sequence[dict[str, dict[str, Any]]]
) -> dict[str, Any]:
    rows = [row for row in _side_by_side(profiles) if max(map(abs, row["differences"])) >= VISIBLE]
    return {
        "categories": [str(row["feature"].title) for row in rows],
        "horizontal": True,
        "format": "ratio",
        "x": _("standard deviations from the average customer"),
        "series": [
            {
                "name": one.segment.name,
                "colour": one.segment.colour,
                "values": [round(row["differences"][i], 2) for row in rows],
            }
            for i, one in enumerate(chosen)
        ],
    }
