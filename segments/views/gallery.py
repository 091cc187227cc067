"""The gallery: every segment in force, whatever the method that made it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from backoffice.templatetags.formats import money_rounded, number, percent
from profiles.datasets.features import BY_KEY
from segments.models import GroupingPlan, Method, SegmentRun
from segments.presenters.choice import how_chosen
from segments.presenters.standing import Standing, standings
from shop.calendar import silence
from shop.models import Order

REFRESH = "segments.refresh"


@staff_page("segments.view_segment")
def gallery(request: StaffRequest) -> HttpResponse:
    """All segments, or with ?method= those of one method and how they were found."""
    method = request.GET.get("method", "")
    if method and method not in Method.values:
        return redirect("segments:gallery")
    found = standings()
    of_methods = {key: list(group) for key, group in groupby(found, lambda one: one.segment.method)}
    pictured = [one for one in of_methods.get(method or Method.KMEANS, []) if not one.segment.of_grouping]
    run = SegmentRun.objects.published(method or Method.KMEANS)
    return page(
        request,
        "segments/gallery.html",
        title=_("Segments"),
        method=method,
        standings=found,
        run=run,
        tabs=[(key, label, len(of_methods[key])) for key, label in _in_order() if key in of_methods],
        sections=_sections(of_methods, method),
        how=how_chosen(run) if run and method == Method.KMEANS and run.selection else "",
        job=JobRun.objects.last_of(REFRESH),
        charts=_charts(run, pictured, bool(method)),
        finding=_finding(pictured),
        has_orders=bool(found) or Order.objects.exists(),
        silence=silence() if found else None,
    )


def _in_order() -> list[tuple[str, str]]:
    """What people made themselves stands first."""
    return sorted(((one.value, str(one.label)) for one in Method), key=lambda row: row[0] != Method.RULE)


def _sections(of_methods: dict[str, list[Standing]], method: str) -> list[tuple[str, list[Standing]]]:
    """(heading, segments): of each method, the nightly groups first and each further grouping under its own
    name."""
    titles = {(plan.method, plan.topic): plan.title for plan in GroupingPlan.objects.all()}
    sections: list[tuple[str, list[Standing]]] = []
    for key, label in _in_order():
        shown = of_methods.get(key, []) if method in ("", key) else []
        for title, some in groupby(shown, lambda one: _grouping(one, titles)):
            sections.append((f"{title} · {label}" if title else label, list(some)))
    return sections


def _grouping(one: Standing, titles: dict[tuple[str, str], str]) -> str:
    """The name of the grouping that somebody asked for; "" for the nightly groups."""
    return (
        titles.get((one.segment.method, one.segment.slug.rpartition("--")[0]), "")
        if one.segment.of_grouping
        else ""
    )


def _finding(shown: list[Standing]) -> str:
    """The sentence of the page: who earns the shop's money."""
    if not shown:
        return ""
    best = max(shown, key=lambda one: one.revenue)
    return _("%(name)s are %(share)s of customers and %(revenue)s of customers' revenue.") % {
        "name": best.segment.name,
        "share": percent(best.share),
        "revenue": percent(best.revenue_share),
    }


def _charts(run: SegmentRun | None, shown: list[Standing], in_detail: bool) -> dict[str, Any]:
    """The shares of the segments and the map; how they were found when one method is asked for."""
    if not shown:
        return {}
    charts: dict[str, Any] = {"shares": shares_chart(shown)}
    if run is None:
        return charts
    if run.picture.get("points"):
        charts["map"] = map_chart(run)
    if run.picture.get("table"):
        charts["rfm"] = _rfm_table(run)
    if in_detail and run.selection:
        charts["choice"] = _choice(run)
    return charts


def shares_chart(shown: list[Standing]) -> dict[str, Any]:
    return {
        "categories": [one.segment.name for one in shown],
        "format": "percent",
        "horizontal": True,
        "x": _("share of customers and of revenue"),
        "series": [
            {"name": _("customers"), "values": [round(one.share, 4) for one in shown], "colour": "#9AA3B5"},
            {
                "name": _("revenue"),
                "values": [round(one.revenue_share, 4) for one in shown],
                "colour": "#4F46E5",
            },
        ],
    }


def map_chart(run: SegmentRun) -> dict[str, Any]:
    x, y = (BY_KEY[key].title for key in run.picture["axes"])
    series = []
    for snapshot in run.snapshots.select_related("segment").order_by("-revenue"):
        points = [
            [
                point[0],
                point[1],
                ngettext("%(orders)s order, %(spent)s", "%(orders)s orders, %(spent)s", round(point[3]))
                % {"orders": number(point[3]), "spent": money_rounded(point[4], run.currency)},
            ]
            for point in run.picture["points"]
            if point[2] == snapshot.position
        ]
        if points:
            series.append(
                {"name": snapshot.segment.name, "colour": snapshot.segment.colour, "points": points}
            )
    more = _("more: %s")
    return {"x": f"{more % x} →", "y": f"{more % y} →", "hideAxes": True, "series": series}


def _rfm_table(run: SegmentRun) -> dict[str, Any]:
    table = run.picture["table"]
    return {
        "x": _("orders and money (5 = most)"),
        "y": _("recency (5 = just now)"),
        "format": "number",
        "columns": ["1", "2", "3", "4", "5"],
        "rows": ["1", "2", "3", "4", "5"],
        "name": _("customers"),
        "values": [[column, row, table[row][column]] for row in range(5) for column in range(5)],
    }


def _choice(run: SegmentRun) -> dict[str, Any]:
    candidates = run.selection["candidates"]
    curves = [
        ("stability", _("stability")),
        ("silhouette", _("silhouette")),
        ("smallest_share", _("smallest group's share")),
    ]
    return {
        "x": _("number of groups"),
        "y": _("score from 0 to 1"),
        "format": "ratio",
        "integers": True,
        "mark": {"x": run.selection["k"], "label": _("chosen")},
        "series": [
            {"name": title, "points": [[one["k"], round(one[key], 3)] for one in candidates]}
            for key, title in curves
        ],
    }


@require_POST
@staff_page()
def find_anew(request: StaffRequest) -> HttpResponse:
    run = start_job(name=REFRESH, by=request.user, arguments={"fresh": True})
    return redirect("backoffice:job-run", pk=run.pk)
