"""The home dashboard and the health probe."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import defaults

from backoffice.declarations import Todo, frames
from backoffice.errors import Refused
from backoffice.jobs import register
from backoffice.models import JobRun, User
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from backoffice.templatetags.formats import number, percent
from campaigns.models import Campaign
from marketops import figures, machinery
from marketops.demo import empty_demo
from marketops.tasks import DEMO_JOB
from recommendations.models import RecommendationRun
from segments.models import Method, SegmentSnapshot
from shop.actions.demo import began_as_demo, is_demo_shop
from shop.models import Customer, Order, Product


@staff_page()
def home(request: StaffRequest) -> HttpResponse:
    """Who are my customers, what waits for me, what did it earn, is everything healthy."""
    if figures.is_empty_shop():
        return page(
            request, "home_empty.html", title=_("Welcome"), active=_active(), demo_job=register.get(DEMO_JOB)
        )
    counted = figures.latest()
    if figures.outdated(counted):
        start_job(name=figures.JOB, by=None)
    snapshots = list(SegmentSnapshot.objects.in_force(Method.KMEANS))
    return page(
        request,
        "home.html",
        title=_("Home"),
        active=_active(),
        todo=waiting_for(request.user),
        health=_health(request.user),
        snapshots=snapshots,
        left_out=_left_out(snapshots),
        is_demo=began_as_demo(),
        finding=_who(snapshots),
        offers=RecommendationRun.objects.published(),
        campaigns=_campaigns(counted),
        counted=counted,
        earned=_earned(counted.result) if counted else None,
    )


@staff_page("intake.import_orders")
def demo(request: StaffRequest) -> HttpResponse:
    """Say what emptying the demo shop takes away, and do it when asked."""
    if not is_demo_shop():
        return redirect("home")
    if request.method == "POST":
        try:
            empty_demo(by=request.user)
        except Refused as refusal:
            messages.error(request, refusal.message)
            return redirect("demo")
        messages.success(request, _("The demo is gone. Upload your orders to begin."))
        return redirect("intake:imports")
    counts = {
        model._meta.verbose_name_plural: model._default_manager.count()
        for model in (Customer, Order, Product, Campaign)
    }
    return page(request, "demo.html", title=_("Start with my own data"), counts=counts)


def waiting_for(user: User) -> list[Todo]:
    """What this person can act upon, most pressing first."""
    todos = [todo for frame in frames() for find in frame.todos for todo in find(user)]
    return sorted(todos, key=lambda todo: todo.urgency)


def _active() -> list[JobRun]:
    return list(JobRun.objects.active().order_by("created_at")[:5])


def _health(user: User) -> list[dict[str, Any]]:
    """Each repeating job with its last run; what runs on demand only belongs to its own page."""
    if not user.has_perm("backoffice.view_jobrun"):
        return []
    last = {run.name: run for run in JobRun.objects.latest_of_each()}
    return [
        {"entry": entry, "last": last.get(entry.name)}
        for entry in register.values()
        if entry.at or entry.every
    ]


def _campaigns(counted: JobRun | None) -> list[dict[str, Any]]:
    """The latest campaigns, each with what was measured of it when the figures were last added up."""
    effects = counted.result.get("effects", {}) if counted else {}
    return [
        {"campaign": campaign, "effect": effects.get(str(campaign.pk))}
        for campaign in figures.latest_campaigns()
    ]


def _who(snapshots: list[SegmentSnapshot]) -> str:
    """The sentence that says which group stands out; empty before the first grouping."""
    if not snapshots:
        return ""
    best = max(snapshots, key=lambda snapshot: snapshot.revenue_share)
    return _("%(name)s are %(share)s of customers and %(revenue)s of revenue") % {
        "name": best.segment.name,
        "share": percent(best.share),
        "revenue": percent(best.revenue_share),
    }


def _left_out(snapshots: list[SegmentSnapshot]) -> str:
    """Why the groups hold fewer people than there are customers; empty when they do not."""
    quality = snapshots[0].run.quality if snapshots else {}
    said = [
        (quality.get("duplicates", 0), _("%s records share an address with another: one person")),
        (quality.get("unprofiled", 0), _("%s said no to personalisation and are in no group")),
    ]
    return " · ".join(text % number(count) for count, text in said if count)


def _earned(result: dict[str, Any]) -> dict[str, Any]:
    """The figures as the page shows them: the change against the 30 days before, and the months as a
    chart."""
    last, before = float(result["revenue_last"]), float(result["revenue_before"])
    change, until = last / before - 1 if before > 0 else None, datetime.fromisoformat(result["until"])
    months = [datetime.fromisoformat(f"{row['month']}-01") for row in result["months"]]
    return {
        **result,
        "change": change,
        "finding": _revenue_finding(change),
        "until": until,
        "since": until - figures.SPAN,
        "chart": {
            "categories": [date_format(month, "YEAR_MONTH_FORMAT") for month in months],
            "sparse": True,
            "series": [
                {
                    "name": _("revenue"),
                    "values": [row["revenue"] for row in result["months"]],
                    "colour": "#4F46E5",
                }
            ],
            "y": result["currency"],
            "format": "money",
            "currency": result["currency"],
        },
    }


def _revenue_finding(change: float | None) -> str:
    if change is None:
        return _("Revenue by month")
    if abs(change) < 0.005:  # rounds to 0 %
        return _("Revenue is level with the 30 days before")
    sentence = (
        _("Revenue is %s above the 30 days before")
        if change > 0
        else _("Revenue is %s below the 30 days before")
    )
    return sentence % percent(abs(change))


@staff_page("backoffice.view_jobrun")
def machines(request: StaffRequest) -> HttpResponse:
    """Workers, queues and events, as a part that the home page fetches after it has loaded."""
    return render(request, "parts/machinery.html", {"machinery": machinery.look()})


def health(request: HttpRequest) -> HttpResponse:
    """For load balancers: 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403: staff keep the navigation around it, others get the bare page."""
    if not _is_staff(request):
        return defaults.permission_denied(request, exception)
    why = str(exception) or _("Ask an administrator to give you the role that may.")
    return page(request, "refused.html", title=_("Your role does not allow this"), why=why, status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: staff keep the navigation around it, others get the bare page."""
    if not _is_staff(request):
        return defaults.page_not_found(request, exception)
    why = _("It may have been removed, or the link was mistyped.")
    return page(request, "refused.html", title=_("There is nothing at this address"), why=why, status=404)


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)  # none where a middleware before the log-in refused
    return bool(user and user.is_staff)
