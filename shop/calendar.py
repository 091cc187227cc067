"""What "today" is for a shop, and where its days and months begin. No other module decides either.

Three moments, and when to use which:

- `timezone.now()`: when something happens to us (a row is written, a message sent). Never to look at a shop's
  facts.
- `present()`: what people ask from ("no order in 90 days", "the last 30 days"). It is now, unless the data
  ended.
- `facts_until()`: what a run learns from. It ends with the orders: days without any would teach that nobody
  buys.

Days, weeks and months are those of the shop's own time zone (`zone()`); the database keeps UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from shop.models import Event, Order, ShopProfile

# A week holds every weekday once and is the shortest time that is predicted: a shop that is open has an order
# or a visit in it. A longer silence means that the data ended, as in a file of last year's orders.
QUIET = timedelta(days=7)
SILENCE = timedelta(days=180)  # so long without an order, then a few: those are trials
FEW, FEW_SHARE = 20, 0.01  # orders that are trials after a silence: fewer than both


@dataclass(frozen=True)
class Silence:
    """No order was placed between these moments, and only a handful after: runs look back from `since`."""

    since: datetime
    until: datetime


def present(now: datetime | None = None) -> datetime:
    """The moment that pages and rules ask from: `now` while orders or events arrive, just after the last
    order when none has for QUIET. Measured from now, all customers of a shop whose data ended would be
    lost."""
    now = now or timezone.now()
    last, _silence = _newest()
    if last is None or last > now - QUIET or Event.objects.filter(occurred_at__gt=now - QUIET).exists():
        return now
    return _just_after(last)


def facts_until(now: datetime | None = None) -> datetime:
    """The moment that a run looks back from: just after the last order, and never later than `now`.

    Fewer than FEW orders, and at most FEW_SHARE of all, after a SILENCE do not move it: seen from them
    everybody would be long gone.
    """
    now = now or timezone.now()
    last, silence = _newest()
    if silence:
        last = silence.since
    return min(now, _just_after(last)) if last else now


def silence(now: datetime | None = None) -> Silence | None:
    """The silence that makes the present, from which rules ask, and the moment from which runs look back tell
    different stories."""
    now = now or timezone.now()
    _last, found = _newest()
    return found if found and present(now) == now else None


def zone() -> ZoneInfo:
    """The shop's own time zone: the one given under System > Shop, else SHOP_TIME_ZONE."""
    return _zone(ShopProfile.objects.remembered().time_zone or settings.SHOP_TIME_ZONE)


def day_of(moment: datetime) -> date:
    """The shop's day that a moment falls on."""
    return moment.astimezone(zone()).date()


def start_of_day(day: date) -> datetime:
    """The moment at which a day of the shop begins."""
    return datetime.combine(day, time(), tzinfo=zone())


def start_of_month(moment: datetime, *, back: int = 0) -> datetime:
    """The moment at which the shop's month of `moment` begins, or the one so many months `back`."""
    day = day_of(moment)
    month = day.year * 12 + day.month - 1 - back
    return start_of_day(date(month // 12, month % 12 + 1, 1))


def _newest() -> tuple[datetime | None, Silence | None]:
    """When the last order was placed, and the silence that a handful of the newest orders broke."""
    newest = list(Order.objects.order_by("-placed_at").values_list("placed_at", flat=True)[: FEW + 1])
    for after, (later, earlier) in enumerate(pairwise(newest), start=1):
        if later - earlier > SILENCE and after < max(2, FEW_SHARE * Order.objects.count()):
            return newest[0], Silence(earlier, later)
    return (newest[0] if newest else None), None


def _just_after(moment: datetime) -> datetime:
    return moment + timedelta(seconds=1)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
