"""The home page."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from backoffice.jobs import register
from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from marketops import figures
from marketops.home import (
    campaign_rows,
    change_in_words,
    left_out,
    revenue_chart,
    revenue_finding,
    standing_out,
    waiting_for,
)
from marketops.tasks import DEMO_JOB
from recommendations.models import RecommendationRun
from segments.models import Method, SegmentSnapshot
from shop.actions.demo.origin import began_as_demo


@staff_page()
def home(request: StaffRequest) -> HttpResponse:
    """Who my customers are, what waits for me, what the shop earned, whether everything is healthy."""
    if figures.is_empty_shop():
        return page(
            request,
            "home_empty.html",
            title=_("Welcome"),
            active=list(JobRun.objects.active().order_by("created_at")[:5]),
            demo_job=register.get(DEMO_JOB),
        )
    run, counted = figures.latest() or (None, None)
    if figures.outdated(run):
        start_job(name=figures.JOB, by=None)
    snapshots = list(SegmentSnapshot.objects.in_force(Method.KMEANS))
    return page(
        request,
        "home.html",
        title=_("Home"),
        todo=waiting_for(request.user),
        snapshots=snapshots,
        grouped=sum(snapshot.size for snapshot in snapshots),
        left_out=left_out(snapshots, counted.customers if counted else None),
        grouping=None if snapshots else _at_work("segments.refresh"),
        is_demo=began_as_demo(),
        finding=standing_out(snapshots),
        offers=RecommendationRun.objects.published(),
        campaigns=campaign_rows(counted),
        figures=counted,
        added_up_at=run and run.finished_at,
        change=change_in_words(counted.change) if counted else "",
        revenue_finding=revenue_finding(counted.change) if counted else "",
        revenue_chart=revenue_chart(counted) if counted else None,
        adding_up=None if counted else _at_work(figures.JOB),
    )


def _at_work(job: str) -> JobRun | None:
    """The run that will fill a part of the page that is still empty."""
    return JobRun.objects.active().filter(name=job).first()
