"""The monthly partitions of the event table."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

MONTHS_AHEAD = 3
PARTITION_LOCK = 0x5E7E17  # any number, the same everywhere: one process at a time makes partitions

# A scan of pg_class, because to_regclass() may answer from a cache older than the lock.
MISSING_MONTHS = """
SELECT month::date FROM generate_series(date_trunc('month', %s::date), %s::date, interval '1 month') AS month
WHERE NOT EXISTS (
    SELECT FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
    WHERE inhparent = 'shop_event'::regclass AND relname = 'shop_event_' || to_char(month, 'YYYY_MM')
)
"""
# Attaching (instead of PARTITION OF) lets readers and writers of the other partitions go on.
CREATE_MONTH = """
CREATE TABLE {table} (LIKE shop_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
LOCK TABLE shop_event_default IN SHARE ROW EXCLUSIVE MODE;
WITH moved AS (
    DELETE FROM shop_event_default WHERE occurred_at >= '{first}' AND occurred_at < '{next}' RETURNING *
) INSERT INTO {table} SELECT * FROM moved;
ALTER TABLE shop_event ATTACH PARTITION {table} FOR VALUES FROM ('{first}') TO ('{next}');
"""


def ensure_event_partitions(start: date, end: date) -> int:
    """Make the monthly partitions (in UTC) from the month of `start` to that of `end`; returns how many were
    new.

    Rows of such a month that waited in the default partition are moved. Safe when several processes call it
    at once.
    """
    if not _missing(start, end):
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PARTITION_LOCK])
        months = _missing(start, end)
        for month in months:
            following = (month + timedelta(days=31)).replace(day=1)
            cursor.execute(
                CREATE_MONTH.format(
                    table=f"shop_event_{month:%Y_%m}", first=f"{month} 00:00+00", next=f"{following} 00:00+00"
                )
            )
    return len(months)


def _missing(start: date, end: date) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(MISSING_MONTHS, [start, end])
        return [month for (month,) in cursor.fetchall()]


def create_coming_partitions(*, now: datetime | None = None) -> dict[str, int]:
    """Make the partitions of this month and the next MONTHS_AHEAD; returns how many were new."""
    now = now or timezone.now()
    end = now.date() + timedelta(days=31 * MONTHS_AHEAD)
    return {"partitions": ensure_event_partitions(now.date(), end)}
