"""What Celery beat rings, and when: the jobs that the apps registered, and the sweeper behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery.schedules import schedule as interval
from django_celery_beat.models import PeriodicTask, PeriodicTasks
from django_celery_beat.schedulers import DatabaseScheduler

from backoffice import jobs
from campaigns.models import Delivery


def table() -> dict[str, dict[str, Any]]:
    """Beat's entries by name. Doorbells only: what they start runs in the queue of its job."""
    entries = jobs.schedule()
    entries["backoffice.sweep_jobs"] = {
        "task": "backoffice.tasks.sweep_jobs",
        "schedule": interval(timedelta(seconds=15)),
        "args": [],
    }
    entries["campaigns.deliver_due"] = {
        "task": "campaigns.tasks.deliver_due",
        "schedule": interval(Delivery.RING),
        "args": [],
        "options": {"queue": "delivery"},
    }
    entries["segments.catch_up"] = {  # the sweeper behind the doorbell that rings when facts arrive
        "task": "segments.catch_up",
        "schedule": interval(timedelta(seconds=15)),
        "args": [],
        "options": {"queue": "quick"},
    }
    for entry in entries.values():
        entry.setdefault("options", {"queue": "maintenance"})
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
