"""Jobs of the shop, and the bell that facts ring."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job
from backoffice.queueing import queue_once
from backoffice.tasks import start_job
from shop.actions import events


@job(
    "shop.create_event_partitions",
    title=_("Create event partitions"),
    queue="maintenance",
    at=time(0, 30),
    memory_mb=1_000,
)
def create_event_partitions(progress: Progress) -> dict[str, int]:
    return events.create_coming_partitions()


def queue_after_facts() -> None:
    """Queue the jobs that derive something from facts, once what was written is committed."""
    for name in settings.AFTER_FACTS:
        queue_once(name, queue="quick")


def start_first_refresh() -> None:
    """Start the jobs that compute everything a new shop's pages show, once what was written is committed."""
    for name in settings.FIRST_REFRESH:
        start_job(name=name, by=None)
