"""Pages about who moved from which group to which, from run to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from backoffice.actions import record
from backoffice.exports import csv_response
from backoffice.pages import StaffRequest, page, staff_page
from segments.datasets.flows import customers_of, flows_between
from segments.datasets.memberships import runs_with_members
from segments.models import Flow, Method, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.flows import flows_finding, moves_of, named_flows, sankey_chart, sizes_before

CUSTOMERS_A_PAGE = 50


@dataclass(frozen=True)
class Pair:
    """Two runs that are compared, and the others there are."""

    runs: list[SegmentRun]
    before: SegmentRun
    after: SegmentRun

    @property
    def query(self) -> str:
        return f"before={self.before.pk}&after={self.after.pk}"


def _pair(request: StaffRequest, method: str, topic: str = "") -> Pair | None:
    """The runs that the reader chose, or the two latest; None while there are not two."""
    runs = runs_with_members(method, topic)
    if len(runs) < 2:
        return None
    known = {str(run.pk): run for run in runs}
    after = known.get(request.GET.get("after", ""), runs[0])
    moment = after.published_at
    earlier = [run for run in runs if run.published_at < moment]  # type: ignore[operator]  # published
    if not earlier:
        after, earlier = runs[0], runs[1:]
    chosen = known.get(request.GET.get("before", ""), earlier[0])
    return Pair(runs, chosen if chosen in earlier else earlier[0], after)


@staff_page("segments.view_segment")
def overview(request: StaffRequest) -> HttpResponseBase:
    """Who moved from which group to which: a sentence, the picture, the table; ?format=csv for the table as a
    file."""
    method = request.GET.get("method", Method.KMEANS)
    if method not in Method.values:
        return redirect("segments:flows")
    pair = _pair(request, method)
    methods = [(key, label) for key, label in Method.choices if SegmentRun.objects.published(key)]
    context: dict[str, Any] = {"method": method, "methods": methods, "pair": pair}
    if pair:
        found = flows_between(pair.before, pair.after)
        if request.GET.get("format") == "csv":
            return _as_csv(found)
        shown = found if request.GET.get("all") else moves_of(found)
        context |= {
            "flows": named_flows(shown, found),
            "all": bool(request.GET.get("all")),
            "finding": flows_finding(pair.before, found),
            "chart": sankey_chart(shown, found),
            "sizes": sizes_before(found),
        }
    return page(request, "segments/flows.html", title=_("Flows between segments"), **context)


def _as_csv(found: list[Flow]) -> StreamingHttpResponse:
    rows = ([origin, destination, flow.customers] for flow, origin, destination in named_flows(found, found))
    return csv_response("flows.csv", [_("from group"), _("to group"), _("customers")], rows)


def _flow(before: int, after: int, origin: int | None, destination: int | None) -> Flow:
    runs = (
        get_object_or_404(SegmentRun.objects.adopted().defer(*SegmentRun.CONTENTS), pk=run)
        for run in (before, after)
    )
    for flow in flows_between(*runs):
        if (flow.origin_id, flow.destination_id) == (origin, destination):
            return flow
    raise Http404


@staff_page("segments.view_segment")
def detail(request: StaffRequest, before: int, after: int, origin: int, destination: int) -> HttpResponseBase:
    """The customers who moved between two runs from one segment to another (ids, 0: not grouped by that
    run), as a page or as CSV of customer numbers."""
    flow = _flow(before, after, origin or None, destination or None)
    customers = customers_of(flow)
    ((_same, origin_name, destination_name),) = named_flows([flow], [flow])
    if request.GET.get("format") == "csv":
        about = flow.destination or flow.origin or flow.after
        record(by=request.user, verb="segment.export", about=about, customers=flow.customers)
        external_ids = customers.values_list("external_id", flat=True).iterator(chunk_size=5000)
        rows = ([external_id] for external_id in external_ids)
        return csv_response(f"flow-{before}-{after}-{origin}-{destination}.csv", ["customer_id"], rows)
    return page(
        request,
        "segments/flow.html",
        title=f"{origin_name} → {destination_name}",
        flow=flow,
        origin=origin_name,
        destination=destination_name,
        customers=Paginator(customers, CUSTOMERS_A_PAGE).get_page(request.GET.get("page")),
    )


@staff_page("segments.view_segment")
def of_segment(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for a segment's page: where its customers moved from and to since the run before."""
    segment = get_object_or_404(Segment, pk=pk)
    snapshot = SegmentSnapshot.objects.in_force().filter(segment=segment).first()
    pair = _pair(request, segment.method, snapshot.run.topic) if snapshot else None
    found = flows_between(pair.before, pair.after) if pair else []
    flows = named_flows(found, found)
    return render(
        request,
        "segments/parts/flows.html",
        {
            "segment": segment,
            "pair": pair,
            "joined": [
                (origin, flow) for flow, origin, _to in flows if flow.destination_id == pk != flow.origin_id
            ],
            "left": [
                (destination, flow)
                for flow, _from, destination in flows
                if flow.origin_id == pk != flow.destination_id
            ],
            "stayed": sum(flow.customers for flow in found if flow.origin_id == flow.destination_id == pk),
        },
    )
