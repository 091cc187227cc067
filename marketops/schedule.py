"""What Celery beat starts, and when: the jobs that the apps registered and the sweeps that they declare."""

from __future__ import annotations

from typing import Any

from celery.schedules import schedule as interval
from django_celery_beat.models import PeriodicTask, PeriodicTasks
from django_celery_beat.schedulers import DatabaseScheduler

from backoffice import jobs
from backoffice.declarations import frames


def table() -> dict[str, dict[str, Any]]:
    """Beat's entries by name: what starts a job, and the sweeps that the apps declare."""
    entries = jobs.schedule()
    for entry in entries.values():
        entry["options"] = {"queue": "maintenance"}
    for sweep in (sweep for frame in frames() for sweep in frame.sweeps):
        entries[sweep.name] = {
            "task": sweep.task,
            "schedule": interval(sweep.every),
            "args": [],
            "options": {"queue": sweep.queue},
        }
    return entries


class RegisteredScheduler(DatabaseScheduler):
    """The database's schedule, made to match the code at each start: new jobs appear, removed ones disappear.

    An entry that an administrator switched off stays off.
    """

    def setup_schedule(self) -> None:
        entries = table()
        tasks = {entry["task"] for entry in entries.values()}
        PeriodicTask.objects.filter(task__in=tasks).exclude(name__in=entries).delete()
        PeriodicTasks.update_changed()
        self.app.conf.beat_schedule = entries
        super().setup_schedule()
