"""Doorbells of the shop's long work."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from backoffice.doorbells import ring_once
from backoffice.jobs import Progress, job
from backoffice.models import JobRun, User
from backoffice.tasks import start_job
from shop.actions import events, imports
from shop.models import OrderImport


@job(
    "shop.import_orders",
    title=_("Import orders"),
    queue="import",
    permission=imports.PERMISSION,
    listed=False,
    memory_mb=2_000,
    time_limit=timedelta(hours=5),
)
def import_orders(progress: Progress, import_id: int) -> dict[str, Any]:
    counts = imports.import_orders(import_id=import_id, progress=progress)
    ring_after_facts()
    return counts


@job(
    "shop.import_customers",
    title=_("Import customers"),
    queue="import",
    permission=imports.PERMISSION,
    listed=False,
    memory_mb=2_000,
    time_limit=timedelta(hours=5),
)
def import_customers(progress: Progress, import_id: int) -> dict[str, Any]:
    counts = imports.import_customers(import_id=import_id, progress=progress)
    ring_after_facts()
    return counts


def start_import(*, order_import: OrderImport, by: User) -> JobRun:
    """Start the import's job (pressing twice starts it once) and remember it beside the import."""
    name = (
        "shop.import_customers"
        if order_import.format == OrderImport.Format.CUSTOMERS
        else "shop.import_orders"
    )
    run = start_job(
        name=name, by=by, key=f"import {order_import.pk}", arguments={"import_id": order_import.pk}
    )
    OrderImport.objects.filter(pk=order_import.pk).update(job_run=run)
    return run


@job(
    "shop.maintain_events",
    title=_("Make room for coming events"),
    queue="maintenance",
    at=time(0, 30),
    memory_mb=1_000,
)
def maintain_events(progress: Progress) -> dict[str, int]:
    return events.maintain_events()


def ring_after_facts() -> None:
    """Wake whoever derives something from facts, once what was written is committed."""
    for name in settings.AFTER_FACTS:
        ring_once(name, queue="quick")
