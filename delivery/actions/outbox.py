"""The outbox of one source: fill it, stop it, send again where delivery is unconfirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from delivery.models import Delivery, SourceKey

State = Delivery.State
CANCELLED = gettext_noop("sending was cancelled")


def enqueue(
    *,
    source: SourceKey,
    source_name: str,
    channel: str,
    people_sql: str,
    parameters: Sequence[Any],
    step: int = 0,
) -> int:
    """Write one row for each person of a SELECT of (customer_id, address_hash, state, reason).

    Returns how many are new. Repeating it adds nobody: a customer and an address are unique within a source,
    step and channel.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {Delivery._meta.db_table} (
                source_type, source_id, source_name, customer_id, channel, step, address_hash,
                state, reason, lease, attempts, product_ids, provider_id, created_at
            )
            SELECT %s, %s, %s, customer_id, %s, %s, address_hash, state, reason, 0, 0, '[]', '', %s
            FROM ({people_sql}) AS people ORDER BY customer_id ON CONFLICT DO NOTHING
            """,  # noqa: S608 - names come from the models, every value is a parameter
            [source.type, source.id, source_name, channel, step, timezone.now(), *parameters],
        )
        return cursor.rowcount


def stop(*, source: SourceKey) -> int:
    """Make sure that what has not been handed over never is; returns how many."""
    waiting = Delivery.objects.of(source).filter(state__in=[State.QUEUED, State.LEASED])
    return waiting.update(state=State.SUPPRESSED, reason=CANCELLED, leased_until=None)


def requeue_unknown(*, source: SourceKey) -> int:
    """Queue the messages whose delivery is unconfirmed again, because a person decided that a repetition is
    better than a gap; returns how many."""
    unknown = Delivery.objects.of(source).filter(state=State.UNKNOWN)
    return unknown.update(state=State.QUEUED, lease=F("lease") + 1, attempts=0, not_before=None, reason="")
