"""Starting, running and cancelling jobs; writing the audit trail."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Refused, require
from backoffice.jobs import Job, register
from backoffice.models import AuditEntry, JobRun, User
from backoffice.processes import die_with_parent

HEARTBEAT = timedelta(seconds=0.5)
SILENCE = timedelta(seconds=30)
GRACE = 3.0  # seconds between asking a job to stop and killing it


def record(*, by: User | None, verb: str, about: models.Model, **details: Any) -> AuditEntry:
    """Append to the audit trail, in the caller's transaction. Details are JSON values and never personal data."""
    return AuditEntry.objects.create(
        by=by, verb=verb, object_type=about._meta.label_lower, object_id=str(about.pk), label=str(about)[:200],
        details=details,
    )


def find_job(name: str) -> Job:
    try:
        return register[name]
    except KeyError:
        raise Refused(_("There is no job named “%s”.") % name, field="name") from None


def request_job(
    *, name: str, by: User | None = None, key: str = "", arguments: dict[str, Any] | None = None,
    scheduled_for: datetime | None = None,
) -> tuple[JobRun, bool]:
    """Write down that a job shall run; returns the run and whether it is new.

    While a run with the same name and key is active, that run is returned: two people pressing the button get one run.
    The caller rings the doorbell (`backoffice.tasks.start_job` does both). `by=None` is the scheduler.
    """
    entry = find_job(name)
    if by is not None:
        require(by, entry.permission)
    try:
        with transaction.atomic():
            run = JobRun.objects.create(
                name=name, key=key, arguments=arguments or {}, requested_by=by, scheduled_for=scheduled_for
            )
    except IntegrityError:
        existing = JobRun.objects.active().filter(name=name, key=key).first()
        existing = existing or JobRun.objects.filter(name=name, scheduled_for=scheduled_for).first()
        if existing is None:  # it ended between our insert and our look: ask again
            return request_job(name=name, by=by, key=key, arguments=arguments, scheduled_for=scheduled_for)
        return existing, False
    return run, True


def cancel_job(*, run: JobRun, by: User) -> None:
    """Stop a run. A waiting one is cancelled at once, a running one within seconds; nothing it did half is published."""
    require(by, find_job(run.name).permission)
    JobRun.objects.active().filter(pk=run.pk).update(cancel_requested=True)
    JobRun.objects.filter(pk=run.pk, state=JobRun.State.QUEUED).update(
        state=JobRun.State.CANCELLED, finished_at=timezone.now()
    )
    run.refresh_from_db()
    record(by=by, verb="job.cancel", about=run)


def run_job(*, run_id: int) -> JobRun | None:
    """Run a waiting job to its end in a process of its own; None when somebody else has claimed it."""
    now = timezone.now()
    claimed = JobRun.objects.filter(pk=run_id, state=JobRun.State.QUEUED).update(
        state=JobRun.State.RUNNING, started_at=now, heartbeat_at=now, attempts=models.F("attempts") + 1, error="", step=""
    )
    if not claimed:
        return None
    run = JobRun.objects.get(pk=run_id)
    entry = find_job(run.name)
    outcome = _watch(run, entry, _spawn(run, entry))
    JobRun.objects.filter(pk=run_id, state=JobRun.State.RUNNING).update(finished_at=timezone.now(), **outcome)
    run.refresh_from_db()
    return run


def recover_abandoned_jobs() -> int:
    """Give runs whose worker was killed another try, or fail them after the last; returns how many."""
    abandoned = JobRun.objects.abandoned(silent_for=SILENCE)
    failed = abandoned.filter(attempts__gte=JobRun.MAX_ATTEMPTS).update(
        state=JobRun.State.FAILED, finished_at=timezone.now(),
        error="Its process was killed three times. Look at the memory of the machine, then run it again.",
    )
    return failed + abandoned.update(state=JobRun.State.QUEUED, done=0, total=None)


def _database_url() -> str:
    """The URL of the database this process uses (under test it is not the one of the settings)."""
    database = connection.settings_dict
    host, user, password = (quote(str(database[part]), safe="") for part in ("HOST", "USER", "PASSWORD"))
    login = f"{user}:{password}" if password else user
    port = f":{database['PORT']}" if database["PORT"] else ""
    options = {name: value for name, value in database["OPTIONS"].items() if isinstance(value, str)}  # the socket's folder
    return f"postgres://{login}@{host}{port}/{quote(str(database['NAME']))}" + (f"?{urlencode(options)}" if options else "")


def _spawn(run: JobRun, entry: Job) -> subprocess.Popen[str]:
    threads = str(os.cpu_count() or 1)

    def limit() -> None:
        die_with_parent(signal.SIGKILL)()
        resource.setrlimit(resource.RLIMIT_DATA, (entry.memory_mb * 2**20,) * 2)

    return subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", str(run.pk)],
        env={**os.environ, "DATABASE_URL": _database_url(), "OMP_NUM_THREADS": threads, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=limit,  # noqa: PLW1509
    )


def _watch(run: JobRun, entry: Job, child: subprocess.Popen[str]) -> dict[str, Any]:
    """Copy the child's messages into the row until it ends; stop it when cancelled or out of time. Returns the outcome."""
    assert child.stdout is not None
    os.set_blocking(child.stdout.fileno(), False)
    deadline = time.monotonic() + entry.time_limit.total_seconds()
    said: dict[str, Any] = {}
    buffer = ""
    try:
        while True:
            ended = child.poll() is not None
            buffer += child.stdout.read() or ""
            *lines, buffer = buffer.split("\n")
            messages = [json.loads(line) for line in lines if line.startswith("{")]
            for message in messages:
                said |= message
            if ended:
                break
            _beat(run, messages)
            if JobRun.objects.filter(pk=run.pk, cancel_requested=True).exists():
                _stop(child)
                return {"state": JobRun.State.CANCELLED}
            if time.monotonic() > deadline:
                _stop(child)
                limit = round(entry.time_limit.total_seconds() / 60)
                return {"state": JobRun.State.FAILED, "error": _("It took longer than %d minutes and was stopped.") % limit}
            time.sleep(HEARTBEAT.total_seconds() / 2)
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        child.stdout.close()
    if "result" in said:
        return {"state": JobRun.State.SUCCEEDED, "result": said["result"], "done": said.get("done", 0),
                "total": said.get("total")}
    error = said.get("error") or _("Its process ended without a word (exit status %d), most likely for want of memory.") % (
        child.returncode
    )
    return {"state": JobRun.State.FAILED, "error": error, "traceback": said.get("traceback", "")}


def _beat(run: JobRun, messages: list[dict[str, Any]]) -> None:
    now = timezone.now()
    progress = [message for message in messages if "done" in message]
    if progress:
        last = progress[-1]
        JobRun.objects.filter(pk=run.pk).update(
            heartbeat_at=now, done=last["done"], total=last["total"], step=last["step"] or run.step
        )
        run.step = last["step"] or run.step
        run.heartbeat_at = now
    elif run.heartbeat_at is None or now - run.heartbeat_at > HEARTBEAT:
        JobRun.objects.filter(pk=run.pk).update(heartbeat_at=now)
        run.heartbeat_at = now


def _stop(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
