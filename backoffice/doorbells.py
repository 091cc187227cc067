"""Waking a task soon, once, however many ask: of two hundred rings a second one waits in the queue and the
others are it.

Whoever rings has written down what there is to do and committed it; the task says `answered` first and looks
then. So a ring that came too late for this look finds the bell free and queues the next.
"""

from __future__ import annotations

from celery import current_app
from django.core.cache import cache
from django.db import transaction

FORGOTTEN_AFTER = 5  # seconds: when the broker lost a ring, the next one goes through


def ring_once(task: str, *, queue: str) -> None:
    """Queue `task` after the commit, unless it waits in the queue already. Without Redis nothing happens: a
    sweeper must follow."""
    transaction.on_commit(lambda: _ring(task, queue), robust=True)


def _ring(task: str, queue: str) -> None:
    if cache.add(f"rung:{task}", True, FORGOTTEN_AFTER):
        current_app.send_task(task, queue=queue, ignore_result=True)


def answered(task: str) -> None:
    """From now on a ring queues the task again."""
    cache.delete(f"rung:{task}")
