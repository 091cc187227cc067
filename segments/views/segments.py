"""The page of one segment, whatever the method that made it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.exports import csv_response
from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from segments.actions.rules.saving import archive_rule
from segments.actions.segments import FEWEST, Content, export_segment, rename_segment
from segments.datasets.flows import successors
from segments.datasets.memberships import member_ids
from segments.models import Profile, Rule, RuleSize, Segment, SegmentPortrait, SegmentSnapshot
from segments.playbooks import playbook_for
from segments.presenters.portraits import (
    buyers_chart,
    product_rows,
    profile_chart,
    profile_rows,
    strongest_words,
    taste_chart,
)
from segments.presenters.summaries import SegmentSummary, summary_of
from segments.presenters.wording import describe
from segments.starter_segments import origin_of
from segments.templatetags.segments import reasons_of
from shop.models import Customer

MEMBERS_A_PAGE = 25
HISTORY = 60  # sizes on the picture of the past
PORTRAITS = "segments.portraits"


@staff_page("segments.view_segment")
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Who they are against everybody, why, what to do with them, and the list behind the number."""
    segment = get_object_or_404(Segment, pk=pk)
    summary = summary_of(segment)
    context: dict[str, Any] = {
        "segment": segment,
        "summary": summary,
        "rule": Rule.objects.filter(segment=segment).first(),
        "description": summary.description if summary else describe(segment),
        "origin": _origin(segment),
        "history": AuditEntry.about(segment)[:10],
        "past": _past(segment),
    }
    if summary is None:
        context["successors"] = successors(segment.pk)
    else:
        context |= _portrait(segment, summary) | {
            "members": _members_page(request, segment),
            "playbook": playbook_for(segment.slug),
            "contents": [(content.value, content.label, FEWEST[content]) for content in Content],
        }
    return page(request, "segments/detail.html", title=segment.name, **context)


def _origin(segment: Segment) -> str:
    """The source of a rule's figures, as long as they are those it was made with."""
    return origin_of(segment.slug) if hasattr(segment, "rule") and segment.rule.is_original else ""


def _portrait(segment: Segment, summary: SegmentSummary) -> dict[str, Any]:
    """The profile against the average from the run, or from the portrait for a segment by rule; products and
    map."""
    # of nobody there is none
    portrait = SegmentPortrait.objects.filter(segment=segment).first() if summary.size else None
    snapshot = SegmentSnapshot.objects.in_force().filter(segment=segment).first()
    profile = snapshot.profile if snapshot else portrait.profile if portrait else Profile()
    buyers = snapshot is not None and snapshot.run.of_buyers
    rows = profile_rows(profile, summary.currency, buyers=buyers)
    return {
        "portrait": portrait,
        "profile": rows,
        "buyers": buyers,
        "reasons": reasons_of(snapshot) if snapshot else strongest_words(rows),
        "profile_chart": profile_chart(rows, segment.colour),
        "headline": [row for row in rows if row.feature.key in {"frequency", "recency"}],
        "taste_chart": taste_chart(profile, segment),
        "map_chart": buyers_chart([portrait] if portrait else []),
        "products": product_rows(portrait) if portrait else [],
    }


def _past(segment: Segment) -> dict[str, Any]:
    """The sizes so far: the latest first as `rows`, and as a picture when there are at least two."""
    if hasattr(segment, "rule"):
        found = RuleSize.objects.filter(segment=segment).order_by("-day")[:HISTORY]
        rows: list[dict[str, Any]] = [
            {"at": day.day, "size": day.size, "share": day.share, "revenue_share": day.revenue_share}
            for day in found
        ]
    else:
        snapshots = (
            segment.snapshots.filter(run__published_at__isnull=False)
            .order_by("-run__created_at")
            .values("size", "share", "revenue_share", "run__as_of")[:HISTORY]
        )
        rows = [snapshot | {"at": snapshot["run__as_of"]} for snapshot in snapshots]
    points = [[row["at"].isoformat(), row["size"]] for row in reversed(rows)]
    chart = {
        "x": _("facts until"),
        "y": _("customers"),
        "time": True,
        "series": [{"name": segment.name, "points": points, "colour": segment.colour}],
    }
    return {"rows": rows[:20], "chart": chart if len({row["at"] for row in rows}) > 1 else None}


def _members_page(request: StaffRequest, segment: Segment) -> Page[Customer]:
    """One page of members with their live counters."""
    members = segment.members()
    search = request.GET.get("q", "").strip()
    if search:
        members = members.search(search)
    paginator = Paginator(members.select_related("counters").order_by("pk"), MEMBERS_A_PAGE)
    if not search:
        paginator.count = member_ids(
            segment
        ).count()  # a tenth of the time of looking at the customers as well
    return paginator.get_page(request.GET.get("page"))


@require_POST
@staff_page("segments.change_segment")
def rename(request: StaffRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    try:
        rename_segment(segment=segment, name=request.POST.get("name", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The segment’s name is now “%s”.") % segment.name)
    return redirect("segments:detail", pk=pk)


@require_POST
@staff_page("segments.change_segment")
def archive(request: StaffRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    archive_rule(segment=segment, by=request.user)
    messages.success(
        request, _("“%s” is archived: it keeps its history and can be brought back.") % segment.name
    )
    return redirect("segments:detail", pk=pk)


@require_POST
@staff_page("segments.view_segment")
def update_portrait(request: StaffRequest, pk: int) -> HttpResponse:
    """Update this segment's portrait now."""
    segment = get_object_or_404(Segment, pk=pk)
    run = start_job(name=PORTRAITS, by=request.user, arguments={"segments": [segment.pk]})
    return redirect("backoffice:job-run", pk=run.pk)


@staff_page("segments.view_segment")
def export(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """The members as CSV; ?content= says what each row holds, by default customer numbers only."""
    segment = get_object_or_404(Segment, pk=pk)
    found = export_segment(
        segment=segment, content=request.GET.get("content", Content.NUMBERS), by=request.user
    )
    return csv_response(found.filename, found.head, found.rows)
