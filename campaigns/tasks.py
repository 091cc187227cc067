"""Tasks of campaigns."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from campaigns.actions import delivery


@shared_task
def deliver_due() -> None:
    """Rung by beat every 30 seconds and right after an approval; several at once share the work."""
    if delivery.deliver_due():
        deliver_due.apply_async(
            queue="delivery"
        )  # there may be more: let other campaigns' doorbells have a turn first


def ring_delivery() -> None:
    """Ring once the transaction has committed. Robust: with Redis down, beat's next ring does it."""
    transaction.on_commit(lambda: deliver_due.apply_async(queue="delivery"), robust=True)
