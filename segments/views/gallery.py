"""The gallery: every segment in force, whatever the method that made it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from backoffice.templatetags.formats import percent
from segments.models import GroupingPlan, Method, SegmentRun
from segments.presenters.charts import map_chart, shares_chart
from segments.presenters.number_of_groups import criteria_chart, how_chosen
from segments.presenters.rfm import rfm_chart
from segments.presenters.summaries import SegmentSummary, summaries
from shop.calendar import silence
from shop.models import Order

REFRESH = "segments.refresh"
ALL = "all"


@staff_page("segments.view_segment")
def gallery(request: StaffRequest) -> HttpResponse:
    """The segments of one method and how they were found, with ?method=all those of every method."""
    wanted = request.GET.get("method", "")
    if wanted not in ("", ALL, *Method.values):
        return redirect("segments:gallery")
    found = summaries()
    of_methods = {key: list(group) for key, group in groupby(found, lambda summary: summary.segment.method)}
    method = "" if wanted == ALL else wanted or _opens_with(list(of_methods))
    pictured = [
        summary for summary in of_methods.get(method or Method.KMEANS, []) if not summary.segment.of_grouping
    ]
    run = SegmentRun.objects.defer("estimator", "drift").published(method or Method.KMEANS)
    return page(
        request,
        "segments/gallery.html",
        title=_("Segments"),
        method=method,
        summaries=found,
        run=run,
        tabs=[(key, label, len(of_methods[key])) for key, label in _in_order() if key in of_methods],
        sections=_sections(of_methods, method),
        how=how_chosen(run.number_of_groups)
        if run and run.number_of_groups and method == Method.KMEANS
        else "",
        job=JobRun.objects.last_of(REFRESH),
        charts=_charts(run, pictured, bool(method)),
        finding=_finding(pictured),
        has_orders=bool(found) or Order.objects.exists(),
        silence=silence() if found else None,
    )


def _opens_with(methods: list[str]) -> str:
    """One system at a time, as several have groups of one name: that of the home page, else the first."""
    return Method.KMEANS if Method.KMEANS in methods else next(iter(methods), "")


def _in_order() -> list[tuple[str, str]]:
    """What staff made themselves is first."""
    return sorted(
        ((method.value, str(method.label)) for method in Method), key=lambda row: row[0] != Method.RULE
    )


def _sections(
    of_methods: dict[str, list[SegmentSummary]], method: str
) -> list[tuple[str, list[SegmentSummary]]]:
    """(heading, segments): of each method, the nightly groups first and each further grouping under its own
    name."""
    titles = {(plan.method, plan.topic): plan.title for plan in GroupingPlan.objects.all()}
    sections: list[tuple[str, list[SegmentSummary]]] = []
    for key, label in _in_order():
        shown = of_methods.get(key, []) if method in ("", key) else []
        for title, some in groupby(shown, lambda summary: _grouping(summary, titles)):
            sections.append((f"{title} · {label}" if title else label, list(some)))
    return sections


def _grouping(summary: SegmentSummary, titles: dict[tuple[str, str], str]) -> str:
    """The title of its grouping; "" for the nightly groups."""
    segment = summary.segment
    return titles.get((segment.method, segment.key.topic), "") if segment.of_grouping else ""


def _finding(shown: list[SegmentSummary]) -> str:
    """The sentence of the page: who earns the shop's money."""
    if not shown:
        return ""
    best = max(shown, key=lambda summary: summary.revenue)
    sentence = (
        _("%(name)s are %(share)s of customers and %(revenue)s of customers' revenue.")
        if best.segment.method in {Method.RULE, Method.LEARNED}  # among all customers
        else _(
            "%(name)s are %(share)s of the customers in the groups and %(revenue)s of the groups' revenue."
        )
    )
    return sentence % {
        "name": best.segment.name,
        "share": percent(best.share),
        "revenue": percent(best.revenue_share),
    }


def _charts(run: SegmentRun | None, shown: list[SegmentSummary], in_detail: bool) -> dict[str, Any]:
    """The shares of the segments and the map; how they were found when one method is chosen."""
    if not shown:
        return {}
    charts: dict[str, Any] = {"shares": shares_chart(shown)}
    if run is None:
        return charts
    if run.picture.map:
        charts["map"] = map_chart(run, run.picture.map)
    if run.picture.rfm_table:
        charts["rfm"] = rfm_chart(run.picture.rfm_table)
    if in_detail and run.number_of_groups:
        charts["choice"] = criteria_chart(run.number_of_groups)
    return charts


@require_POST
@staff_page()
def find_anew(request: StaffRequest) -> HttpResponse:
    run = start_job(name=REFRESH, by=request.user, arguments={"fresh": True})
    return redirect("backoffice:job-run", pk=run.pk)
