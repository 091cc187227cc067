"""The register of long work.

An app declares a job in its `tasks.py`:

    @job("segments.refresh", title=_("Refresh segments"), at=time(2, 0))
    def refresh_segments(progress: Progress) -> dict[str, object]:
        return actions.refresh_segments(progress=progress)

Each run is a row (`JobRun`) and runs in a process of its own (`backoffice.actions.run_job`): it can be
cancelled at any moment, its memory and time are bounded, and threads that estimators leave behind die with
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from inspect import signature
from typing import Any, Protocol

from django.utils import timezone


class Progress(Protocol):
    """Tell how far the work is: `progress(3, 10, gettext_noop("Choosing the number of groups"))`."""

    def __call__(self, done: int, total: int | None = None, step: str = "") -> None: ...


def silent(done: int, total: int | None = None, step: str = "") -> None:
    """The Progress of callers that do not watch."""


@dataclass(frozen=True)
class Job:
    """A kind of long work. `at`: daily at this time (UTC); `every`: at this interval; neither: only on
    demand."""

    name: str
    title: Any  # a lazy translation
    function: Callable[..., dict[str, Any] | None]
    queue: str
    at: time | None
    every: timedelta | None
    time_limit: timedelta
    memory_mb: int
    permission: str
    listed: bool

    def takes(self, arguments: Mapping[str, Any]) -> bool:
        """Whether the function can run with these: none that it needs is missing, none is unknown."""
        try:
            signature(self.function).bind(silent, **arguments)
        except TypeError:
            return False
        return True

    def slot(self, now: datetime) -> datetime:
        """The schedule slot `now` falls in; one run a slot, however often beat rings."""
        if self.every:
            return now - (now - datetime(2020, 1, 1, tzinfo=now.tzinfo)) % self.every
        return now.replace(hour=0, minute=0, second=0, microsecond=0)


register: dict[str, Job] = {}
_current: ContextVar[int | None] = ContextVar("current job run", default=None)


def current_job_run() -> int | None:
    """The id of the job run whose work this process does, or None outside a job."""
    return _current.get()


@contextmanager
def working_on(run_id: int) -> Iterator[None]:
    """What is computed inside belongs to this job run."""
    token = _current.set(run_id)
    try:
        yield
    finally:
        _current.reset(token)


def job(
    name: str,
    *,
    title: Any,
    queue: str = "learn",
    at: time | None = None,
    every: timedelta | None = None,
    time_limit: timedelta = timedelta(hours=2),
    memory_mb: int = 12_000,
    permission: str = "backoffice.run_job",
    listed: bool = True,
) -> Callable[[Callable[..., dict[str, Any] | None]], Callable[..., dict[str, Any] | None]]:
    """Register the decorated function as the job `name`; it takes a Progress first, then the run's arguments
    by keyword.

    `listed`: shown on the jobs page with a "run now" button (a job that needs arguments is started from its
    own page).
    """

    def add(function: Callable[..., dict[str, Any] | None]) -> Callable[..., dict[str, Any] | None]:
        register[name] = Job(
            name, title, function, queue, at, every, time_limit, memory_mb, permission, listed
        )
        return function

    return add


def schedule() -> dict[str, dict[str, Any]]:
    """Celery beat's table, one entry for each job that repeats."""
    from celery.schedules import crontab
    from celery.schedules import schedule as interval

    table: dict[str, dict[str, Any]] = {}
    for name, entry in register.items():
        if entry.at:
            when: Any = crontab(minute=entry.at.minute, hour=entry.at.hour)
        elif entry.every:
            when = interval(entry.every)
        else:
            continue
        table[name] = {"task": "backoffice.tasks.start_scheduled_job", "schedule": when, "args": [name]}
    return table


def next_time(entry: Job) -> datetime | None:
    """When the job is due next, or None when it runs only on demand."""
    now = timezone.now()
    if entry.every:
        return entry.slot(now) + entry.every
    if entry.at:
        today = datetime.combine(now.date(), entry.at, tzinfo=now.tzinfo)
        return today if today > now else today + timedelta(days=1)
    return None
