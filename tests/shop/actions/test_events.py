"""Monthly partitions: made once, with the rows that waited for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from shop.actions.events import create_coming_partitions, ensure_event_partitions
from shop.models import Event
from tests.factories import EventFactory


def rows_in(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_waiting_rows_move_into_their_month() -> None:
    for day in (
        datetime(2031, 1, 31, 23, 59, tzinfo=UTC),
        datetime(2031, 2, 1, tzinfo=UTC),
        datetime(2031, 3, 1, tzinfo=UTC),
    ):
        EventFactory(occurred_at=day)
    assert rows_in("shop_event_default") == 3
    assert ensure_event_partitions(date(2031, 1, 15), date(2031, 2, 1)) == 2
    assert [rows_in(f"shop_event_{name}") for name in ("2031_01", "2031_02", "default")] == [1, 1, 1]
    assert Event.objects.count() == 3
    assert ensure_event_partitions(date(2031, 1, 1), date(2031, 2, 28)) == 0
    assert EventFactory(occurred_at=datetime(2031, 2, 20, tzinfo=UTC)).pk
    assert rows_in("shop_event_2031_02") == 2


@pytest.mark.django_db(transaction=True)
def test_several_processes_may_ask_at_once() -> None:
    def ask(_n: int) -> int:
        try:
            return ensure_event_partitions(date(2032, 1, 1), date(2032, 6, 1))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [0, 0, 0, 6]
    with connection.cursor() as cursor:
        for month in range(1, 7):
            cursor.execute(f"DROP TABLE shop_event_2032_{month:02d}")


@pytest.mark.django_db
def test_the_nightly_job_looks_ahead() -> None:
    now = timezone.now()
    create_coming_partitions(now=now)
    ahead = now + timedelta(days=85)
    EventFactory(occurred_at=ahead)
    assert rows_in(f"shop_event_{ahead:%Y_%m}") == 1
