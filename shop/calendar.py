"""What "today" means for a shop: now, or the day its data end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone

from shop.models import Event, Order

QUIET = timedelta(
    days=30
)  # a shop of which nothing is heard for so long is looked at as it was when it was last heard of
SILENCE = timedelta(
    days=180
)  # so long without an order, then a few: those are trials, or a shop that only just wakes up
FEW, FEW_SHARE = 20, 0.01  # orders


@dataclass(frozen=True)
class Silence:
    """No order was placed between these moments, and only a handful after: the present is where the silence
    begins."""

    since: datetime
    until: datetime


def _newest() -> tuple[datetime | None, Silence | None]:
    """When the last order was placed, and the silence that a handful of the newest orders broke."""
    newest = list(Order.objects.order_by("-placed_at").values_list("placed_at", flat=True)[: FEW + 1])
    for after, (later, earlier) in enumerate(pairwise(newest), start=1):
        if later - earlier > SILENCE and after < max(2, FEW_SHARE * Order.objects.count()):
            return newest[0], Silence(earlier, later)
    return (newest[0] if newest else None), None


def facts_until() -> datetime:
    """The moment a run looks back from: now, or just after the last order when the shop's data end earlier.

    Fewer than FEW orders, at most FEW_SHARE of all, after a SILENCE do not move it: seen from them everybody
    would be long gone.
    """
    last, silence = _newest()
    if silence:
        last = silence.since
    now = timezone.now()
    return min(now, last + timedelta(seconds=1)) if last else now


def today(now: datetime) -> datetime:
    """The moment that rules ask from: `now` while orders or events arrive; just after the last order when
    nothing has for QUIET, as in a shop whose file of orders ends long ago: measured from now, all its
    customers would be lost."""
    last, _silence = _newest()
    if last is None or last > now - QUIET or Event.objects.filter(occurred_at__gt=now - QUIET).exists():
        return now
    return last + timedelta(seconds=1)


def silence(now: datetime) -> Silence | None:
    """The silence that makes rules, which ask from `now`, and groups, which look back from before it, tell
    different stories."""
    _last, found = _newest()
    return found if found and today(now) == now else None
