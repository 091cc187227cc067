"""Pages about how groups change: flows from run to run, drift, and new generations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.actions import record
from backoffice.exports import csv_response
from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from backoffice.templatetags.formats import number, percent
from profiles.datasets.features import BY_KEY
from segments.actions.behaviour import KS
from segments.actions.generations import DECIDE, accept_proposal, choose_number_of_groups, dismiss_proposal
from segments.algorithms.drift import SHIFTED
from segments.datasets.memberships import customers_of, flows_between, runs_with_members
from segments.models import Flow, Method, Proposal, PublishedRun, Rule, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.choice import how_chosen, suggested
from segments.presenters.drift import newly_recorded, sentences

REFRESH = "segments.refresh"
CUSTOMERS_A_PAGE = 50
NOBODY = "#9AA3B5"


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
    earlier = [run for run in runs if run.published_at < after.published_at]  # type: ignore[operator]
    if not earlier:
        after, earlier = runs[0], runs[1:]
    chosen = known.get(request.GET.get("before", ""), earlier[0])
    return Pair(runs, chosen if chosen in earlier else earlier[0], after)


@staff_page("segments.view_segment")
def flows(request: StaffRequest) -> HttpResponseBase:
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
        moves = [flow for flow in found if flow.origin_id != flow.destination_id]
        shown = found if request.GET.get("all") else moves
        context |= {
            "flows": _named(shown, found),
            "all": bool(request.GET.get("all")),
            "finding": _finding(pair, found, moves),
            "chart": _sankey(shown, found),
            "sizes": _sizes(found),
        }
    return page(request, "segments/flows.html", title=_("Flows between segments"), **context)


def _as_csv(found: list[Flow]) -> StreamingHttpResponse:
    rows = ([origin, destination, flow.customers] for flow, origin, destination in _named(found, found))
    return csv_response("flows.csv", [_("from group"), _("to group"), _("customers")], rows)


def _name(segment: Segment | None, *, before: bool) -> str:
    if segment:
        return segment.name
    return _("not grouped before") if before else _("no longer grouped")


def _finding(pair: Pair, found: list[Flow], moves: list[Flow]) -> str:
    """The sentence of the page."""
    stayed = sum(flow.customers for flow in found if flow.origin_id == flow.destination_id)
    moved = sum(flow.customers for flow in moves if flow.origin_id and flow.destination_id)
    words = {
        "day": date_format(localtime(pair.before.published_at), "SHORT_DATETIME_FORMAT"),
        "n": number(moved),
        "share": percent(moved / max(moved + stayed, 1), 1),
    }
    if not moved:
        return _("Nobody changed group since %(day)s.") % words
    top = next(flow for flow in moves if flow.origin_id and flow.destination_id)
    ((_top, origin, destination),) = _named([top], found)
    words |= {"most": number(top.customers), "from": origin, "to": destination}
    return (
        ngettext(
            "%(n)s customer (%(share)s) is in another group than on %(day)s, from %(from)s to %(to)s.",
            "%(n)s customers (%(share)s) are in another group than on %(day)s; most of them, %(most)s, went "
            "from %(from)s to %(to)s.",
            moved,
        )
        % words
    )


def _sizes(found: list[Flow]) -> dict[int | None, int]:
    sizes: dict[int | None, int] = {}
    for flow in found:
        sizes[flow.origin_id] = sizes.get(flow.origin_id, 0) + flow.customers
    return sizes


def _told_apart(former: Segment | None, names: Mapping[str, int]) -> str:
    """The name of a group of before; `names` -> id of the groups of now: another one may bear the same
    name."""
    name = _name(former, before=True)
    return _("the former “%s”") % name if former and names.get(name, former.pk) != former.pk else name


def _named(shown: Iterable[Flow], found: Iterable[Flow]) -> list[tuple[Flow, str, str]]:
    """Each of `shown` with the names of where it comes from and goes to; `found` are all flows of the pair of
    runs."""
    names = {flow.destination.name: flow.destination.pk for flow in found if flow.destination}
    return [(flow, _told_apart(flow.origin, names), _name(flow.destination, before=False)) for flow in shown]


def _sankey(shown: Iterable[Flow], found: Iterable[Flow]) -> dict[str, Any]:
    nodes: dict[str, dict[str, Any]] = {}
    links: list[dict[str, Any]] = []
    for flow, origin, destination in _named(shown, found):
        ends = []
        for side, (segment, name) in enumerate(((flow.origin, origin), (flow.destination, destination))):
            key = f"{side}:{segment.pk if segment else ''}"
            nodes.setdefault(
                key, {"id": key, "name": name, "side": side, "colour": segment.colour if segment else NOBODY}
            )
            ends.append(key)
        url = reverse("segments:flow", args=[flow.pk]) if flow.pk else ""
        links.append({"source": ends[0], "target": ends[1], "value": flow.customers, "url": url})
    weight: dict[str, int] = {}
    for link in links:
        for key in (link["source"], link["target"]):
            weight[key[1:]] = weight.get(key[1:], 0) + link["value"]
    ordered = sorted(
        nodes.values(), key=lambda node: -weight[node["id"][1:]]
    )  # so that a group stands opposite itself
    return {"nodes": ordered, "links": links, "unit": _("customers")}


@staff_page("segments.view_segment")
def flow_customers(request: StaffRequest, pk: int) -> HttpResponseBase:
    """The customers behind one flow, as a page or as CSV of customer numbers."""
    flow = get_object_or_404(Flow.objects.select_related("origin", "destination", "before", "after"), pk=pk)
    customers = customers_of(flow)
    ((_flow, origin, destination),) = _named([flow], [flow])
    if request.GET.get("format") == "csv":
        about = flow.destination or flow.origin or flow.after
        record(by=request.user, verb="segment.export", about=about, customers=flow.customers)
        numbers = customers.values_list("external_id", flat=True).iterator(chunk_size=5000)
        return csv_response(f"flow-{flow.pk}.csv", ["customer_id"], ([one] for one in numbers))
    return page(
        request,
        "segments/flow.html",
        title=f"{origin} → {destination}",
        flow=flow,
        origin=origin,
        destination=destination,
        customers=Paginator(customers, CUSTOMERS_A_PAGE).get_page(request.GET.get("page")),
    )


@staff_page("segments.view_segment")
def segment_flows(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for a segment's page: where its customers came from and went to since the run before."""
    segment = get_object_or_404(Segment, pk=pk)
    snapshot = SegmentSnapshot.objects.in_force().filter(segment=segment).first()
    pair = _pair(request, segment.method, snapshot.run.topic) if snapshot else None
    found = flows_between(pair.before, pair.after) if pair else []
    named = _named(found, found)
    return render(
        request,
        "segments/parts/flows.html",
        {
            "segment": segment,
            "pair": pair,
            "entered": [
                (origin, flow) for flow, origin, _to in named if flow.destination_id == pk != flow.origin_id
            ],
            "left": [
                (destination, flow)
                for flow, _from, destination in named
                if flow.origin_id == pk != flow.destination_id
            ],
            "stayed": sum(flow.customers for flow in found if flow.origin_id == flow.destination_id == pk),
        },
    )


@staff_page("segments.view_segment")
def stability(request: StaffRequest) -> HttpResponse:
    """How firm the groups stand: generation, drift and its alarms, how many groups, and proposals."""
    run = SegmentRun.objects.published(Method.KMEANS)
    context: dict[str, Any] = {
        "run": run,
        "proposals": Proposal.objects.select_related("run", "decided_by")[:20],
    }
    if run and run.selection:
        pointer = PublishedRun.objects.get(run=run)
        context |= {
            "alarms": sentences(run),
            "recorded": newly_recorded(run),
            "drift": _drift_rows(run),
            "shifted": SHIFTED,
            "wanted": pointer.groups_wanted,
            "ks": KS,
            "choice": _choice(run),
            "groups": len(run.estimator["centres"]),
            "inertias": _inertias(run),
            "how": how_chosen(run),
            "by_person": _by_person(run, pointer.groups_wanted),
            "stable": suggested(run)["eligible"],
            "history": AuditEntry.about(pointer)[:5],
        }
    return page(request, "segments/stability.html", title=_("Stability of the groups"), **context)


def _by_person(run: SegmentRun, wanted: int | None) -> bool:
    """Whether the number of groups in force is one that a person chose, lately or before."""
    groups = len(run.estimator["centres"])
    return groups == wanted or groups != suggested(run)["k"]


def _drift_rows(run: SegmentRun) -> list[dict[str, Any]]:
    indices = sorted(run.drift.get("features", {}).items(), key=lambda pair: -pair[1])
    return [
        {"feature": BY_KEY[key], "index": index, "width": round(min(index / SHIFTED, 1) * 100)}
        for key, index in indices
    ]


def _choice(run: SegmentRun) -> dict[str, Any]:
    curves = [
        ("stability", _("stability")),
        ("silhouette", _("silhouette")),
        ("smallest_share", _("smallest group's share")),
    ]
    return {
        "x": _("number of groups"),
        "format": "ratio",
        "integers": True,
        "mark": {"x": len(run.estimator["centres"]), "label": _("in force")},
        "series": [
            {"name": title, "points": [[one["k"], round(one[key], 3)] for one in run.selection["candidates"]]}
            for key, title in curves
        ],
    }


def _inertias(run: SegmentRun) -> dict[str, Any]:
    points = [[one["k"], round(one["inertia"], 3)] for one in run.selection["candidates"]]
    return {
        "x": _("number of groups"),
        "format": "ratio",
        "integers": True,
        "series": [{"name": _("inertia"), "points": points}],
    }


@require_POST
@staff_page(DECIDE)
def choose_k(request: StaffRequest) -> HttpResponse:
    """Keep the number and look for groups anew: the result is a proposal."""
    typed = request.POST.get("k", "")
    choose_number_of_groups(k=int(typed) if typed.isdecimal() else None, by=request.user)
    run = start_job(name=REFRESH, by=request.user, arguments={"fresh": True})
    return redirect("backoffice:job-run", pk=run.pk)


@staff_page("segments.view_segment")
def proposal(request: StaffRequest, pk: int) -> HttpResponse:
    """What a new generation would change, before anybody decides."""
    shown = get_object_or_404(Proposal.objects.select_related("run", "against", "decided_by"), pk=pk)
    rows, lineage = _compared(shown), _lineage_flows(shown)
    ended = {row["segment"].pk for row in rows if row["new"] is None}
    asking = [
        rule.segment for rule in Rule.objects.in_force().select_related("segment") if ended & set(rule.asks)
    ]
    return page(
        request,
        "segments/proposal.html",
        title=_("Proposed groups"),
        proposal=shown,
        rows=rows,
        chart=_sankey(lineage, lineage),
        finding=_gain(shown),
        asking=asking,
        new=sum(row["old"] is None for row in rows),
    )


def _gain(shown: Proposal) -> str:
    groups = len(
        shown.run.estimator["centres"]
    )  # without the people who never bought: nobody asks for a group of them
    words = {"gain": percent(abs(shown.gain), 1), "moved": percent(shown.moved), "groups": number(groups)}
    if shown.gain >= 0:
        return (
            _(
                "These %(groups)s groups are %(gain)s tighter than those in force; %(moved)s of the "
                "customers would move."
            )
            % words
        )
    return (
        _(
            "These %(groups)s groups are %(gain)s wider than those in force; %(moved)s of the customers "
            "would move."
        )
        % words
    )


def _lineage_flows(shown: Proposal) -> list[Flow]:
    """The lineage as flows for the picture; they are not stored."""
    pks = {part["segment"] for group in shown.lineage for part in [group, *group["from"]] if part["segment"]}
    segments = Segment.objects.in_bulk(pks)
    return [
        Flow(
            origin=segments.get(part["segment"]),
            destination=segments[group["segment"]],
            customers=part["customers"],
        )
        for group in shown.lineage
        for part in group["from"]
    ]


def _compared(shown: Proposal) -> list[dict[str, Any]]:
    """Each proposed group with the one in force of the same identity, then those that would end."""
    new = {
        one.segment_id: one
        for one in shown.run.snapshots.select_related("segment", "run").order_by("-revenue")
    }
    old = {
        one.segment_id: one
        for one in shown.against.snapshots.select_related("segment", "run").order_by("-revenue")
    }
    rows = [
        {"segment": one.segment, "name": one.segment.name, "new": one, "old": old.get(pk)}
        for pk, one in new.items()
    ]
    names = {one.segment.name: pk for pk, one in new.items()}
    return rows + [
        {"segment": one.segment, "name": _told_apart(one.segment, names), "new": None, "old": one}
        for pk, one in old.items()
        if pk not in new
    ]


@require_POST
@staff_page(DECIDE)
def accept(request: StaffRequest, pk: int) -> HttpResponse:
    accept_proposal(proposal=get_object_or_404(Proposal, pk=pk), by=request.user)
    messages.success(request, _("The new groups are in force."))
    return redirect("segments:gallery")


@require_POST
@staff_page(DECIDE)
def dismiss(request: StaffRequest, pk: int) -> HttpResponse:
    dismiss_proposal(proposal=get_object_or_404(Proposal, pk=pk), by=request.user)
    messages.success(request, _("The groups in force stay."))
    return redirect("segments:stability")
