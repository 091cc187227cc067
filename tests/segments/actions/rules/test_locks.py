from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from backoffice.errors import Refused
from segments.actions.rules import locks
from segments.actions.rules.locks import hold_members, hold_members_soon, try_to_catch_up

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def somebody_else(take: object) -> Iterator[None]:
    """Another connection holds what `take` takes while the block runs."""
    held, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            take()
            held.set()
            enough.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        yield
    finally:
        enough.set()
        thread.join(30)


def test_a_page_does_not_wait_for_long(monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", "50ms")
    with somebody_else(hold_members), transaction.atomic():
        with pytest.raises(Refused, match="try again in a minute"):
            hold_members_soon()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # the transaction is still of use


def test_the_lock_is_free_when_the_transaction_ends():
    with transaction.atomic():
        hold_members_soon()
    with somebody_else(hold_members):
        pass


def test_one_at_a_time_catches_up():
    with transaction.atomic():
        assert try_to_catch_up()
    with somebody_else(try_to_catch_up), transaction.atomic():
        assert not try_to_catch_up()
