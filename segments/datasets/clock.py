"""What "today" means for a shop: now, or the day its data end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from shop.models import Event, Order

QUIET = timedelta(days=30)  # a shop of which nothing is heard for so long is looked at as it was when it was last heard of


def facts_until() -> datetime:
    """The moment a run looks back from: now, or just after the last order when the shop's data end earlier."""
    last: datetime | None = Order.objects.aggregate(last=Max("placed_at"))["last"]
    now = timezone.now()
    return min(now, last + timedelta(seconds=1)) if last else now


def today(now: datetime) -> datetime:
    """The moment that rules ask from: `now` while orders or events arrive; just after the last order when nothing has for QUIET,
    as in a shop whose file of orders ends long ago: measured from now, all its customers would be lost."""
    until = facts_until()
    if until > now - QUIET or Event.objects.filter(occurred_at__gt=now - QUIET).exists():
        return now
    return until
