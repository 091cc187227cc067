"""Tasks of delivery."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from backoffice.queueing import ring
from delivery.actions import sending


@shared_task
def deliver_due() -> None:
    """Started by beat every 30 seconds and right after an approval; several at once share the work."""
    if sending.deliver_due():
        deliver_due.apply_async(queue="delivery")  # there may be more: let the queue have its turn


def queue_delivery() -> None:
    """Send what is due once the transaction has committed. With Redis down, the next sweep does it."""
    transaction.on_commit(lambda: ring(deliver_due.name, queue="delivery"), robust=True)
