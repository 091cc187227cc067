"""Starting, running and cancelling jobs; writing the audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice import runner
from backoffice.errors import Refused, require
from backoffice.jobs import Job, register
from backoffice.models import ApiKey, AuditEntry, JobRun, User

SILENCE = timedelta(seconds=30)  # without a sign of life for so long, a run's worker counts as dead


def record(*, by: User | None, verb: str, about: models.Model, **details: Any) -> AuditEntry:
    """Append to the audit trail, in the caller's transaction. Details are JSON values and never personal
    data.

    The object is named by what somebody typed (`str(about)`), or, where the program gave its name, by its
    `audit_key`, so that every reader sees it in their language.
    """
    key = getattr(about, "audit_key", "")
    return AuditEntry.objects.create(
        by=by,
        verb=verb,
        object_type=about._meta.label_lower,
        object_id=AuditEntry.id_of(about),
        label=(key or str(about))[:200],
        label_is_key=bool(key),
        details=details,
    )


def key_details(key: ApiKey | None) -> dict[str, Any]:
    """How an entry of the audit trail names the key that acted for its owner: its name and who made it; empty
    for somebody who is logged in."""
    if key is None:
        return {}
    makers = AuditEntry.about(key).filter(by__isnull=False).values_list("by", flat=True)
    return {"api_key": key.name, "api_key_makers": sorted(set(makers))}


def find_job(name: str) -> Job:
    try:
        return register[name]
    except KeyError:
        raise Refused(_("There is no job named “%s”.") % name, field="name") from None


def request_job(
    *,
    name: str,
    by: User | None = None,
    key: str = "",
    arguments: dict[str, Any] | None = None,
    scheduled_for: datetime | None = None,
) -> tuple[JobRun, bool]:
    """Write down that a job shall run; returns the run and whether it is new.

    While a run with the same name and key is active, that run is returned: two people pressing the button get
    one run. The caller queues it (`backoffice.tasks.start_job` does both). `by=None` is the scheduler.

    Raises Refused for a job that does not exist, or that cannot run with these arguments.
    """
    entry = find_job(name)
    if by is not None:
        require(by, entry.permission)
    if not entry.takes(arguments or {}):
        raise Refused(
            _("“%s” works on something in particular: start it from the page of that thing.") % entry.title
        )
    if existing := JobRun.objects.active().filter(name=name, key=key).first():
        return existing, False
    try:
        with transaction.atomic():
            run = JobRun.objects.create(
                name=name, key=key, arguments=arguments or {}, requested_by=by, scheduled_for=scheduled_for
            )
    except IntegrityError:
        existing = JobRun.objects.active().filter(name=name, key=key).first()
        if existing is None and scheduled_for is not None:
            existing = JobRun.objects.filter(name=name, scheduled_for=scheduled_for).first()
        if existing is None:  # it ended between our insert and our look: ask again
            return request_job(name=name, by=by, key=key, arguments=arguments, scheduled_for=scheduled_for)
        return existing, False
    return run, True


@transaction.atomic
def request_by_hand(*, name: str, by: User) -> tuple[JobRun, bool]:
    """Request a job because somebody pressed its button; written to the audit trail."""
    run, new = request_job(name=name, by=by)
    if new:
        record(by=by, verb="job.start", about=run)
    return run, new


def cancel_job(*, run: JobRun, by: User) -> None:
    """Stop a run. A waiting one is cancelled at once, a running one within seconds; nothing it did half is
    published."""
    require(by, find_job(run.name).permission)
    JobRun.objects.active().filter(pk=run.pk).update(cancel_requested=True)
    JobRun.objects.filter(pk=run.pk, state=JobRun.State.QUEUED).update(
        state=JobRun.State.CANCELLED, finished_at=timezone.now()
    )
    run.refresh_from_db()
    record(by=by, verb="job.cancel", about=run)


def run_job(*, run_id: int) -> JobRun | None:
    """Run a waiting job to its end in a process of its own; None when somebody else has claimed it.

    A run whose process was killed waits again, MAX_ATTEMPTS times in all: whoever called this queues it
    once more.
    """
    now = timezone.now()
    claimed = JobRun.objects.filter(pk=run_id, state=JobRun.State.QUEUED).update(
        state=JobRun.State.RUNNING,
        started_at=now,
        heartbeat_at=now,
        attempts=models.F("attempts") + 1,
        error="",
        step="",
    )
    if not claimed:
        return None
    run = JobRun.objects.get(pk=run_id)
    try:
        outcome = runner.run_in_process(run, find_job(run.name))
    except Refused as error:  # a job that this version no longer knows
        outcome = {"state": JobRun.State.FAILED, "error": error.message}
    JobRun.objects.filter(pk=run_id, state=JobRun.State.RUNNING).update(
        **{"finished_at": timezone.now(), **outcome}
    )
    run.refresh_from_db()
    return run


def recover_abandoned_jobs() -> int:
    """Give runs whose worker was killed another try, or fail them after the last; returns how many."""
    abandoned = JobRun.objects.abandoned(silent_for=SILENCE)
    cancelled = abandoned.filter(cancel_requested=True).update(
        state=JobRun.State.CANCELLED, finished_at=timezone.now()
    )
    failed = abandoned.filter(attempts__gte=JobRun.MAX_ATTEMPTS).update(
        state=JobRun.State.FAILED,
        finished_at=timezone.now(),
        error=gettext_noop(
            "Its process was killed three times. Look at the memory of the machine, then run it again."
        ),
    )
    return cancelled + failed + abandoned.update(state=JobRun.State.QUEUED, done=0, total=None)
