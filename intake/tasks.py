"""Jobs that bring facts in."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job
from backoffice.models import JobRun, User
from backoffice.tasks import start_job
from intake.actions import events, imports, uploads
from intake.models import FileImport
from shop.models import Order
from shop.tasks import queue_after_facts, start_first_refresh


@job(
    "intake.import_file",
    title=_("Import a file"),
    queue="import",
    permission=imports.PERMISSION,
    listed=False,
    memory_mb=2_000,
    time_limit=timedelta(hours=5),
)
def import_file(progress: Progress, import_id: int) -> dict[str, Any]:
    known = Order.objects.count()
    counts = imports.import_file(import_id=import_id, progress=progress)
    queue_after_facts()
    if (
        Order.objects.count() > 2 * known
    ):  # the first orders, or the first that are no trial: none waits for the night
        start_first_refresh()
    return counts


def start_import(*, file_import: FileImport, by: User) -> JobRun:
    """Start the import's job (pressing twice starts it once) and remember it beside the import."""
    pk = file_import.pk
    run = start_job(name="intake.import_file", by=by, key=f"import {pk}", arguments={"import_id": pk})
    FileImport.objects.filter(pk=pk).update(job_run=run)
    return run


@job(
    "intake.delete_old_uploads",
    title=_("Delete old uploads"),
    queue="maintenance",
    at=time(0, 40),
    memory_mb=1_000,
)
def delete_old_uploads(progress: Progress) -> dict[str, int]:
    return uploads.delete_old_uploads()


@job(
    "intake.forget_receipts",
    title=_("Delete old event receipts"),
    queue="maintenance",
    at=time(0, 35),
    memory_mb=1_000,
)
def forget_receipts(progress: Progress) -> dict[str, int]:
    return events.forget_receipts()
