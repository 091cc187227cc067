"""Doorbells of campaigns."""

from __future__ import annotations

from datetime import time
from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job
from campaigns.actions import budgets, delivery


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


@job("campaigns.plan_budget", title=_("Plan the advertising budget"), at=time(3, 0))
def plan_budget(progress: Progress) -> dict[str, Any]:
    return budgets.refresh_plan(progress=progress)
