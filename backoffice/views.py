"""Pages about jobs."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice import health
from backoffice.actions import cancel_job
from backoffice.declarations import merged
from backoffice.jobs import next_time, register
from backoffice.models import JobRun, User
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_by_hand
from backoffice.templatetags.formats import number, price

AMOUNT = re.compile(r"-?\d+\.\d+")


def _overview(user: User) -> list[dict[str, Any]]:
    last = {run.name: run for run in JobRun.objects.latest_of_each()}
    succeeded = JobRun.objects.filter(state=JobRun.State.SUCCEEDED).latest_of_each()
    last_success = {run.name: run for run in succeeded}
    return [
        {
            "entry": entry,
            "last": last.get(name),
            "last_success": last_success.get(name),
            "next": next_time(entry),
            "allowed": user.has_perm(entry.permission),
        }
        for name, entry in register.items()
        if entry.listed
    ]


@staff_page("backoffice.view_jobrun")
def jobs(request: StaffRequest) -> HttpResponse:
    return page(
        request,
        "backoffice/jobs.html",
        title=_("Jobs"),
        rows=_overview(request.user),
        recent=JobRun.objects.select_related("requested_by")[:30],
    )


@staff_page("backoffice.view_jobrun")
def job_run(request: StaffRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(JobRun.objects.select_related("requested_by"), pk=pk)
    entry = register.get(run.name)  # None for a job that an older version had
    return page(
        request,
        "backoffice/job_run.html",
        title=run.title,
        run=run,
        entry=entry,
        figures=_figures(run.result),
        allowed=entry is not None and request.user.has_perm(entry.permission),
    )


def _figures(result: dict[str, Any]) -> list[tuple[str, Any]]:
    """The single values of a result, for people; lists in it are for programs."""
    currency = str(result.get("currency") or "")
    return [
        (_figure_name(name), _word(value, currency))
        for name, value in result.items()
        if isinstance(value, (int, float, str)) and value != ""
    ]


def _figure_name(key: str) -> str:
    """What a key of a result means; a key that no app declares is shown as words."""
    return gettext(merged("job_figures").get(key, key[:1].upper() + key[1:].replace("_", " ")))


def _word(value: float | str, currency: str) -> str:
    """A value as the reader's language writes it. In results, exact decimals in text are amounts, and moments
    are ISO 8601."""
    if not isinstance(value, str):
        return number(value, 0 if float(value).is_integer() else 2)
    if AMOUNT.fullmatch(value):
        return price(value, currency)
    if moment := _moment(value):
        return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    words = merged("job_words")
    return gettext(words[value]) if value in words else value


def _moment(value: str) -> datetime | None:
    """The moment that ISO 8601 writes so; None for any other text, a date alone included."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@staff_page("backoffice.view_jobrun")
def job_progress(request: StaffRequest, pk: int) -> HttpResponse:
    """The progress bar alone; it asks for itself again while the job is active (HTMX), then reloads the page
    it stands on."""
    run = get_object_or_404(JobRun, pk=pk)
    response = render(request, "backoffice/parts/progress.html", {"run": run, "polling": True})
    if not run.is_active:
        response["HX-Refresh"] = "true"
    return response


@staff_page("backoffice.view_jobrun")
def health_lines(request: StaffRequest) -> HttpResponse:
    """Workers, queues and jobs, a line each: a part that the jobs page fetches after it has loaded."""
    return render(request, "backoffice/parts/health.html", {"lines": health.lines()})


@staff_page("backoffice.view_jobrun")
def health_summary(request: StaffRequest) -> HttpResponse:
    """The same in one line, for the home page."""
    return render(request, "backoffice/parts/health_summary.html", {"line": health.summary(health.lines())})


@require_POST
@staff_page()
def run_now(request: StaffRequest, name: str) -> HttpResponse:
    run = start_by_hand(name=name, by=request.user)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return redirect(back)
    return redirect("backoffice:job-run", pk=run.pk)


@require_POST
@staff_page()
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(JobRun, pk=pk)
    cancel_job(run=run, by=request.user)
    messages.info(request, _("The job is being stopped; what stood before it stays in force."))
    return redirect("backoffice:job-run", pk=pk)
