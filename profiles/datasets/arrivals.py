"""How many facts arrive, and since when they do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection


@dataclass(frozen=True)
class ArrivalRate:
    """How many facts of a source arrived a day, and when the last one happened (None: none in half a
    year)."""

    a_day: float
    last: datetime | None = None


WINDOW = timedelta(days=28)
LOOKED_BACK = timedelta(days=180)

COUNT = "SELECT count(*), max({time}) FROM {table} WHERE {time} >= %s AND {time} < %s"
SOURCES = {"orders": ("shop_order", "placed_at"), "events": ("shop_event", "occurred_at")}


def arrivals(*, as_of: datetime) -> dict[str, ArrivalRate]:
    """For "orders" and for browsing "events": how many a day in the four weeks before `as_of`, and when the
    last one happened."""
    return {source: _rate(table, time, as_of) for source, (table, time) in SOURCES.items()}


def _rate(table: str, time: str, as_of: datetime) -> ArrivalRate:
    with connection.cursor() as cursor:
        query = COUNT.format(table=table, time=time)
        cursor.execute(query, [as_of - WINDOW, as_of])
        count, last = cursor.fetchone()
        if not count:
            cursor.execute(query, [as_of - LOOKED_BACK, as_of])
            _count, last = cursor.fetchone()
    return ArrivalRate(count / WINDOW.days, last)
