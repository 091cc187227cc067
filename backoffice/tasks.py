"""Tasks that run jobs. Ids in, one action called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from backoffice import actions
from backoffice.jobs import register
from backoffice.models import JobRun, User
from backoffice.queueing import ring

QUEUE_AGAIN = 60  # seconds


def start_job(
    *, name: str, by: User | None, key: str = "", arguments: dict[str, Any] | None = None
) -> JobRun:
    """Request a job and queue it once the transaction has committed. For doors: returns the run to watch."""
    run, new = actions.request_job(name=name, by=by, key=key, arguments=arguments)
    if new:
        queue_run(run)
    return run


def start_by_hand(*, name: str, by: User) -> JobRun:
    """Start a job because somebody pressed its button; returns the run to watch."""
    run, new = actions.request_by_hand(name=name, by=by)
    if new:
        queue_run(run)
    return run


def queue_run(run: JobRun) -> None:
    """Send a waiting run to its worker once the transaction has committed."""
    # robust: with Redis down the row stays, and `sweep_jobs` queues it again
    transaction.on_commit(lambda: ring(run_job.name, run.pk, queue=register[run.name].queue), robust=True)


@shared_task
def run_job(run_id: int) -> None:
    run = actions.run_job(run_id=run_id)
    if run is not None and run.state == JobRun.State.QUEUED:
        queue_run(run)


@shared_task
def start_scheduled_job(name: str) -> None:
    slot = actions.find_job(name).slot(timezone.now())
    run, new = actions.request_job(name=name, scheduled_for=slot)
    if new:
        queue_run(run)


@shared_task
def sweep_jobs() -> None:
    """Finish what a lost message or a killed worker left: everything goes on without Redis having remembered
    anything."""
    actions.recover_abandoned_jobs()
    for run in JobRun.objects.waiting(longer_than=timedelta(seconds=10)):
        # most wait for a busy worker, and need not be queued at every sweep
        if cache.add(f"job-queued:{run.pk}", True, QUEUE_AGAIN):
            queue_run(run)
