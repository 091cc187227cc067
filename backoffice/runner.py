"""One run of a job in a process of its own, and what its parent sees of it.

The child (`manage.py work`) prints one JSON object a line: {done, total, step}, then {result} or {error,
traceback}.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.jobs import Job
from backoffice.models import JobRun
from backoffice.processes import die_with_parent

LOOK_EVERY = 0.25  # seconds
HEARTBEAT = timedelta(seconds=0.5)
GRACE = 3.0  # seconds between asking a job to stop and killing it


def run_in_process(run: JobRun, entry: Job) -> dict[str, Any]:
    """Run `entry` for the claimed `run` and wait; returns the fields of the row that say how it ended.

    The process is stopped when the row asks for it or the time limit has passed, and never outlives this
    call.
    """
    child = _spawn(run, entry)
    try:
        return _watch(run, child, deadline=time.monotonic() + entry.time_limit.total_seconds())
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        child.stdout.close()  # type: ignore[union-attr]  # it is piped


def _database_url() -> str:
    """The URL of the database this process uses (under test it is not the one of the settings)."""
    database = connection.settings_dict
    host, user, password = (quote(str(database[part]), safe="") for part in ("HOST", "USER", "PASSWORD"))
    login = f"{user}:{password}" if password else user
    port = f":{database['PORT']}" if database["PORT"] else ""
    options = {
        name: value for name, value in database["OPTIONS"].items() if isinstance(value, str)
    }  # the socket's folder
    return f"postgres://{login}@{host}{port}/{quote(str(database['NAME']))}" + (
        f"?{urlencode(options)}" if options else ""
    )


def _spawn(run: JobRun, entry: Job) -> subprocess.Popen[bytes]:
    # "passive": threads that spin while they wait made k-means 14 times slower on two cores that others used
    # as well
    threading = {"OMP_NUM_THREADS": str(os.cpu_count() or 1), "OMP_WAIT_POLICY": "passive"}

    def limit() -> None:
        die_with_parent(signal.SIGKILL)()
        resource.setrlimit(resource.RLIMIT_DATA, (entry.memory_mb * 2**20,) * 2)

    return subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", str(run.pk)],
        env={**os.environ, **threading, "DATABASE_URL": _database_url(), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=limit,  # noqa: PLW1509 - the child only sets limits
    )


def _watch(run: JobRun, child: subprocess.Popen[bytes], *, deadline: float) -> dict[str, Any]:
    """Copy the child's progress into the row until it ends or has to be stopped."""
    reported: dict[str, Any] = {}
    lines = _Lines(child)
    while child.poll() is None:
        _take(reported, lines.read())
        _beat(run, reported)
        if JobRun.objects.filter(pk=run.pk, cancel_requested=True).exists():
            _stop(child)
            return {"state": JobRun.State.CANCELLED}
        if time.monotonic() > deadline:
            _stop(child)
            return _failed(gettext_noop("It took longer than its time limit and was stopped."))
        time.sleep(LOOK_EVERY)
    _take(reported, lines.read())
    return _outcome(run, reported, child.returncode)


class _Lines:
    """The complete lines the child has printed since the last look. Bytes: a look may fall inside a
    character."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.pipe: Any = child.stdout
        os.set_blocking(child.stdout.fileno(), False)  # type: ignore[union-attr]  # it is piped
        self.rest = b""

    def read(self) -> list[bytes]:
        *lines, self.rest = (self.rest + (self.pipe.read() or b"")).split(b"\n")
        return lines


def _take(reported: dict[str, Any], lines: list[bytes]) -> None:
    """Keep the newest word on each subject; what libraries print is not for us."""
    for line in lines:
        if line.startswith(b"{"):
            message = json.loads(line)
            if not message.get("step"):
                message.pop("step", None)  # an unnamed step is still the last named one
            reported.update(message)


def _outcome(run: JobRun, reported: dict[str, Any], status: int) -> dict[str, Any]:
    if "result" in reported:
        return {
            "state": JobRun.State.SUCCEEDED,
            "result": reported["result"],
            "done": reported.get("done", 0),
            "total": reported.get("total"),
        }
    if "error" in reported:
        return _failed(reported["error"], reported.get("traceback", ""))
    if status < 0 and run.attempts < JobRun.MAX_ATTEMPTS:  # killed from outside: every job may be done again
        return {
            "state": JobRun.State.QUEUED,
            "finished_at": None,
            "done": 0,
            "total": None,
            "step": gettext_noop("Its process was killed; it starts again"),
        }
    return _failed(
        gettext_noop("Its process ended without a word, most likely for want of memory."),
        f"exit status {status}",
    )


def _failed(error: str, traceback: str = "") -> dict[str, Any]:
    return {"state": JobRun.State.FAILED, "error": error, "traceback": traceback}


def _beat(run: JobRun, reported: dict[str, Any]) -> None:
    """Write progress when it moved, and a sign of life at least every HEARTBEAT."""
    progress = {field: reported[field] for field in ("done", "total", "step") if field in reported}
    moved = any(getattr(run, field) != value for field, value in progress.items())
    now = timezone.now()
    if moved or run.heartbeat_at is None or now - run.heartbeat_at > HEARTBEAT:
        JobRun.objects.filter(pk=run.pk).update(heartbeat_at=now, **progress)
        run.heartbeat_at = now
        for field, value in progress.items():
            setattr(run, field, value)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
