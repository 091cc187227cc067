"""Queueing a task once, however many request it: of two hundred requests a second one waits in the queue and
stands for the others.

Whoever queues has written down what there is to do and committed it; the task calls `picked_up` first and
then looks at what was written. So a request that comes too late for this look queues the task again.
"""

from __future__ import annotations

from celery import current_app
from django.core.cache import cache
from django.db import transaction

FORGOTTEN_AFTER = 5  # seconds: when the broker lost a message, a later request goes through


def queue_once(task: str, *, queue: str) -> None:
    """Queue `task` after the commit, unless it waits in the queue already. Without Redis nothing happens: a
    sweep must follow."""
    transaction.on_commit(lambda: _send(task, queue), robust=True)


def _send(task: str, queue: str) -> None:
    if cache.add(f"queued:{task}", True, FORGOTTEN_AFTER):
        current_app.send_task(task, queue=queue, ignore_result=True)


def picked_up(task: str) -> None:
    """From now on a request queues the task again."""
    cache.delete(f"queued:{task}")
