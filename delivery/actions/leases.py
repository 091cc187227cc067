"""Who holds which row of the outbox: take, keep, take back from the dead."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from delivery.models import Delivery, SourceKey
from delivery.sources import sources

BATCH = 50
HOLD = Delivery.HOLD
MAYBE_SENT = gettext_noop("the connection broke while it was handed over: it may have arrived")

State = Delivery.State


def lease_batch(size: int = BATCH) -> list[Delivery]:
    """Take up to `size` waiting deliveries of one source and channel for a while, of the source that began
    first. Empty when nothing waits that others do not hold."""
    for kind, source in sources().items():
        for source_id in source.being_sent():
            if rows := _lease(SourceKey(kind, source_id), size):
                return rows
    return []


@transaction.atomic
def _lease(source: SourceKey, size: int) -> list[Delivery]:
    """Rows that others hold are skipped; each lease raises the row's token, so that a holder who comes too
    late cannot write."""
    due = Delivery.objects.due().of(source)
    locked = list(due.select_for_update(skip_locked=True, of=("self",))[:size])  # unsorted: a sort costs more
    rows = [row for row in locked if row.channel == locked[0].channel]
    until = timezone.now() + HOLD
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.LEASED, lease=F("lease") + 1, leased_until=until
    )
    for row in rows:
        row.lease, row.leased_until = row.lease + 1, until
    return rows


def renew(batch: Sequence[Delivery]) -> None:
    """Keep what is still in hand, once a third of the time is over. A row that somebody else took meanwhile
    has another end of its lease and stays theirs."""
    now = timezone.now()
    ends = {row.leased_until for row in batch if row.leased_until}
    if not ends or max(ends) - now > HOLD * 2 / 3:
        return
    Delivery.objects.filter(
        pk__in=[row.pk for row in batch], state=State.LEASED, leased_until__in=ends
    ).update(leased_until=now + HOLD)
    for row in batch:
        row.leased_until = now + HOLD


def recover_abandoned() -> tuple[int, int]:
    """Take back what dead processes held: (queued again, now unknown)."""
    late = Delivery.objects.filter(leased_until__lt=timezone.now())
    queued = late.filter(state=State.LEASED).update(
        state=State.QUEUED, lease=F("lease") + 1, leased_until=None
    )
    unknown = late.filter(state=State.ATTEMPTING).update(
        state=State.UNKNOWN, leased_until=None, reason=MAYBE_SENT
    )
    return queued, unknown
