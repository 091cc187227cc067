"""How many facts arrive, and since when they do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

WINDOW = timedelta(days=28)
LOOKED_BACK = timedelta(days=180)

COUNT = "SELECT count(*), max({time}) FROM {table} WHERE {time} >= %s AND {time} < %s"
SOURCES = {"orders": ("shop_order", "placed_at"), "events": ("shop_event", "occurred_at")}


def arrivals(*, as_of: datetime) -> dict[str, dict[str, Any]]:
    """For orders and for browsing events: how many a day in the four weeks before `as_of`, and when the last
    one happened (ISO, None when there was none in half a year)."""
    return {source: _of(table, time, as_of) for source, (table, time) in SOURCES.items()}


def _of(table: str, time: str, as_of: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        query = COUNT.format(table=table, time=time)
        cursor.execute(query, [as_of - WINDOW, as_of])
        count, last = cursor.fetchone()
        if not count:
            cursor.execute(query, [as_of - LOOKED_BACK, as_of])
            _count, last = cursor.fetchone()
    return {"a_day": count / WINDOW.days, "last": last.isoformat() if last else None}
