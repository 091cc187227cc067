"""Pages about one group of customers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.actions import record
from backoffice.errors import Refused
from backoffice.exports import csv_response
from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from segments.actions.rename import rename_segment
from segments.datasets.features import BY_KEY
from segments.explaining import decisive_features
from segments.models import CustomerFeatures, Membership, Method, Segment, SegmentRun, SegmentSnapshot
from segments.wording import against_average, describe, in_unit
from shop.models import Customer

MEMBERS_A_PAGE = 50


@staff_page("segments.view_segment")
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One group: who they are against everybody, why, and the list behind the number."""
    segment = get_object_or_404(Segment, pk=pk)
    snapshot = SegmentSnapshot.objects.in_force().filter(segment=segment).first()
    context: dict[str, Any] = {
        "segment": segment, "snapshot": snapshot, "description": describe(segment.slug), "history": AuditEntry.about(segment)[:10],
        "past": segment.snapshots.select_related("run").order_by("-run__created_at")[:30],
    }
    if snapshot:
        context |= _portrait(snapshot) | {"members": _members_page(request, snapshot)}
    return page(request, "segments/detail.html", title=segment.name, **context)


def _portrait(snapshot: SegmentSnapshot) -> dict[str, Any]:
    """The profile against the average, as rows of words and as a picture."""
    currency, rows = snapshot.run.currency, []
    for row in snapshot.profile["features"]:
        feature = BY_KEY[row["feature"]]
        rows.append({
            "feature": feature, "mean": in_unit(feature, row["mean"], currency),
            "overall": in_unit(feature, row["overall"], currency), "difference": row["difference"],
            "words": against_average(row, currency),
        })
    by_key = {row["feature"].key: row for row in rows}
    shown = [row for row in rows if abs(row["difference"]) > 1e-6]
    chart = {
        "categories": [str(row["feature"].title) for row in shown], "values": [round(row["difference"], 2) for row in shown],
        "texts": [row["words"] for row in shown], "colour": snapshot.segment.colour,
        "x": _("standard deviations from the average customer"),
    }
    tastes = {
        "categories": [row["category"] for row in snapshot.profile["categories"]], "format": "percent", "horizontal": True,
        "x": _("share of money spent"),
        "series": [
            {"name": _("everybody"), "values": [round(row["overall"], 4) for row in snapshot.profile["categories"]],
             "colour": "#9AA3B5"},
            {"name": snapshot.segment.name, "values": [round(row["share"], 4) for row in snapshot.profile["categories"]],
             "colour": snapshot.segment.colour},
        ],
    }
    reasons = [by_key[key]["words"] for key in snapshot.reason["features"]]
    return {"profile": rows, "profile_chart": chart, "taste_chart": tastes, "reasons": reasons}


def _members(snapshot: SegmentSnapshot, search: str) -> QuerySet[Customer]:
    members = Customer.objects.filter(memberships__run=snapshot.run, memberships__segment=snapshot.segment)
    if search:
        members = members.search(search)
    return members.order_by("pk")


def _members_page(request: StaffRequest, snapshot: SegmentSnapshot) -> Any:
    """One page of members with what the run knew of each."""
    paginator = Paginator(_members(snapshot, request.GET.get("q", "").strip()), MEMBERS_A_PAGE)
    members = paginator.get_page(request.GET.get("page"))
    features = CustomerFeatures.objects.filter(run__published_for__method=Method.KMEANS, customer__in=[m.pk for m in members])
    known = {stored.customer_id: stored.values for stored in features}
    run = SegmentRun.objects.published(Method.KMEANS)
    keys = run.estimator["features"] if run else []
    for member in members:
        values = dict(zip(keys, known.get(member.pk, []), strict=False))
        member.orders_known, member.spent_known = values.get("frequency"), values.get("monetary")  # type: ignore[attr-defined]
    return members


@require_POST
@staff_page("segments.change_segment")
def rename(request: StaffRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    try:
        rename_segment(segment=segment, name=request.POST.get("name", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The group is now called “%s”.") % segment.name)
    return redirect("segments:detail", pk=pk)


@staff_page("segments.view_segment")
def export(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """The members as CSV: customer numbers only, so that the file holds no personal data."""
    segment = get_object_or_404(Segment, pk=pk)
    snapshot = get_object_or_404(SegmentSnapshot.objects.in_force(), segment=segment)
    record(by=request.user, verb="segment.export", about=segment, customers=snapshot.size)
    numbers = _members(snapshot, "").values_list("external_id", flat=True).iterator(chunk_size=5000)
    return csv_response(f"segment-{segment.slug}.csv", ["customer_id"], ([number] for number in numbers))


@staff_page("segments.view_segment")
def customer_panel(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment of the customer page: the groups this customer is in, and why."""
    memberships = Membership.objects.in_force().filter(customer_id=pk).select_related("segment", "run").order_by("run__method")
    rows = [{"membership": one, "reasons": _why(one)} for one in memberships]
    return render(request, "segments/customer_panel.html", {"rows": rows})


def _why(membership: Membership) -> list[str]:
    """The customer's figures that decided for this group rather than the next best one, strongest first."""
    run = membership.run
    stored = CustomerFeatures.objects.filter(run__published_for__method=Method.KMEANS, customer_id=membership.customer_id).first()
    if stored is None:
        return []
    snapshot = SegmentSnapshot.objects.get(run=run, segment=membership.segment)
    own = dict(zip(run.estimator["features"], stored.values, strict=True))
    keys = decisive_features(run, own, snapshot.position)
    average = {row["feature"]: row for row in snapshot.profile["features"]}
    return [against_average(average[key] | {"mean": own[key]}, run.currency) for key in keys]
