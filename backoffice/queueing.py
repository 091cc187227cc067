"""Queueing a task once, however many request it: of two hundred requests a second one waits in the queue and
stands for the others.

Whoever queues has written down what there is to do and committed it; the task calls `picked_up` first and
then looks at what was written. So a request that comes too late for this look queues the task again.
"""

from __future__ import annotations

from functools import cache as once
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import transaction

IMPATIENT = {
    "socket_timeout": 0.4,
    "socket_connect_timeout": 0.4,
    "retry_on_timeout": False,
    "max_retries": 0,
}
FORGOTTEN_AFTER = 5  # seconds: when the broker lost a message, a later request goes through


def queue_once(task: str, *, queue: str) -> None:
    """Queue `task` after the commit, unless it waits in the queue already. Without Redis nothing happens: a
    sweep must follow."""
    transaction.on_commit(lambda: _send(task, queue), robust=True)


def _send(task: str, queue: str) -> None:
    if cache.add(f"queued:{task}", True, FORGOTTEN_AFTER):
        ring(task, queue=queue)


def ring(task: str, *arguments: Any, queue: str) -> None:
    """Send a task to its queue, now. Whoever waits for it is a person or another program: with Redis hung or
    away this fails within a second, and the sweep that must follow does the work. Raises OperationalError."""
    from kombu.pools import producers  # late: most processes never ring

    with producers[_bell()].acquire(block=True, timeout=1) as producer:
        current_app.send_task(
            task, arguments, queue=queue, ignore_result=True, producer=producer, retry=False
        )


@once
def _bell() -> Any:
    """A connection for those who do not wait: workers have theirs, which is patient."""
    return current_app.connection_for_write(transport_options=IMPATIENT)


def picked_up(task: str) -> None:
    """From now on a request queues the task again."""
    cache.delete(f"queued:{task}")
