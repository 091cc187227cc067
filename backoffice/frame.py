"""What the back office adds to the product: jobs, the audit trail, API keys and staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from backoffice.declarations import (
    Frame,
    NavigationItem,
    RolePermissions,
    Section,
    Sweep,
    Todo,
    Trace,
    Urgency,
)
from backoffice.erasure import forget_in_answers, forget_in_jobs
from backoffice.health import repeating_jobs, workers_and_queues
from backoffice.jobs import register
from backoffice.models import IdempotentAnswer, JobRun, User
from backoffice.readers import PERSONAL_DATA


def failed_jobs(user: User) -> Iterator[Todo]:
    """The jobs whose latest run failed."""
    if not user.has_perm("backoffice.view_jobrun"):
        return
    for run in JobRun.objects.latest_of_each():
        if run.state == JobRun.State.FAILED and run.name in register:
            text = _("%s failed: %s") % (run.title, run.error_text)
            yield Todo(text, reverse("backoffice:job-run", args=[run.pk]), Urgency.BROKEN)


def job_name(stored: str) -> str:
    """The key `segments.refresh #12` as the job's title and number; the key itself for an unknown job."""
    name, _space, number = stored.partition(" #")
    title = str(register[name].title) if name in register else name
    return f"{title} #{number}" if number else title


FRAME = Frame(
    navigation=[
        NavigationItem(
            Section.SYSTEM, gettext_lazy("Jobs"), "schedule", "backoffice:jobs", "backoffice.view_jobrun", 20
        ),
        NavigationItem(
            Section.SYSTEM,
            gettext_lazy("API keys"),
            "key",
            "admin:backoffice_apikey_changelist",
            "backoffice.view_apikey",
            30,
        ),
        NavigationItem(Section.SYSTEM, gettext_lazy("API"), "api", "api-docs", position=40),
        NavigationItem(
            Section.SYSTEM,
            gettext_lazy("Audit trail"),
            "history",
            "admin:backoffice_auditentry_changelist",
            "backoffice.view_auditentry",
            50,
        ),
        NavigationItem(
            Section.SYSTEM,
            gettext_lazy("Staff"),
            "badge",
            "admin:backoffice_user_changelist",
            "backoffice.view_user",
            60,
        ),
    ],
    audit={
        "api_key.change": gettext_noop("changed the API key"),
        "api_key.create": gettext_noop("created the API key"),
        "job.cancel": gettext_noop("cancelled the job"),
        "job.start": gettext_noop("started the job"),
        "job.schedule": gettext_noop("switched the schedule of the job on or off"),
        "staff.change": gettext_noop("changed the account"),
        "staff.replace_password": gettext_noop("replaced the demo password of the account"),
        "staff.create": gettext_noop("created the account"),
    },
    audit_names={"backoffice.jobrun": job_name, "django_celery_beat.periodictask": job_name},
    todos=[failed_jobs],
    health=[workers_and_queues, repeating_jobs],
    permissions=RolePermissions(
        everybody=["backoffice.view_jobrun", "backoffice.view_auditentry"],
        marketer=["backoffice.run_job", PERSONAL_DATA],
        approver=[PERSONAL_DATA],
        administrator=[
            "backoffice.view_user",
            "backoffice.add_user",
            "backoffice.change_user",
            "backoffice.view_apikey",
            "backoffice.add_apikey",
            "backoffice.change_apikey",
            "django_celery_beat.view_periodictask",
            "django_celery_beat.change_periodictask",
        ],
    ),
    traces=[
        Trace(JobRun, gettext_lazy("Job runs that named them"), forget_in_jobs),
        Trace(IdempotentAnswer, gettext_lazy("Kept answers of the API"), forget_in_answers),
    ],
    sweeps=[Sweep("backoffice.sweep_jobs", "backoffice.tasks.sweep_jobs", timedelta(seconds=15))],
    job_figures={
        "run": gettext_noop("Number of the run"),
        "status": gettext_noop("Status"),
        "currency": gettext_noop("Currency"),
    },
)
