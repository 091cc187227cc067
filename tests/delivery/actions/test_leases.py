"""Who holds a row, and who no longer does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from delivery.actions import leases
from delivery.models import Delivery, SourceKey
from tests.delivery.conftest import Newsletter, fill_outbox

State = Delivery.State
Fill = Callable[[int], list[Delivery]]


def test_a_lease_takes_each_row_once_and_raises_its_token(outbox: Fill) -> None:
    outbox(5)
    first, second = leases.lease_batch(3), leases.lease_batch(3)
    assert (len(first), len(second), leases.lease_batch()) == (3, 2, [])
    assert {row.lease for row in [*first, *second]} == {1}
    assert set(Delivery.objects.values_list("state", "lease")) == {(State.LEASED, 1)}


def test_postponed_rows_wait(outbox: Fill) -> None:
    outbox(1)
    Delivery.objects.update(not_before=timezone.now() + timedelta(minutes=1))
    assert leases.lease_batch() == []
    Delivery.objects.update(not_before=timezone.now())
    assert len(leases.lease_batch()) == 1


def test_only_sources_that_are_being_sent_are_served_the_first_begun_first(
    outbox: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox(2)
    fill_outbox(SourceKey("newsletter", 2))
    monkeypatch.setattr(Newsletter, "issues", (2, 1))
    assert {row.source_id for row in leases.lease_batch()} == {2}
    assert {row.source_id for row in leases.lease_batch()} == {1}
    Delivery.objects.update(state=State.QUEUED)
    monkeypatch.setattr(Newsletter, "issues", ())
    assert leases.lease_batch() == []


def test_a_batch_has_one_channel(outbox: Fill) -> None:
    text_message, *_others = outbox(3)
    Delivery.objects.filter(pk=text_message.pk).update(channel="sms")
    assert [len({row.channel for row in leases.lease_batch()}) for _turn in range(2)] == [1, 1]
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.LEASED}


def test_what_the_dead_held_is_queued_or_unknown(outbox: Fill) -> None:
    taken, attempted, alive = outbox(3)
    ago, later = timezone.now() - timedelta(seconds=1), timezone.now() + timedelta(minutes=1)
    for row, state, until in (
        (taken, State.LEASED, ago),
        (attempted, State.ATTEMPTING, ago),
        (alive, State.LEASED, later),
    ):
        Delivery.objects.filter(pk=row.pk).update(state=state, leased_until=until, lease=1)
    assert leases.recover_abandoned() == (1, 1)
    found: dict[int, Any] = {row.pk: row for row in Delivery.objects.all()}
    assert (found[taken.pk].state, found[taken.pk].lease) == (State.QUEUED, 2)
    assert (found[attempted.pk].state, found[attempted.pk].reason) == (State.UNKNOWN, leases.MAYBE_SENT)
    assert found[alive.pk].state == State.LEASED


def test_a_living_holder_keeps_its_rows_only(outbox: Fill) -> None:
    outbox(2)
    mine, lost = leases.lease_batch()
    soon = timezone.now() + timedelta(seconds=5)
    Delivery.objects.update(leased_until=soon)
    mine.leased_until = lost.leased_until = soon
    taken_over = timezone.now() + timedelta(seconds=9)
    Delivery.objects.filter(pk=lost.pk).update(leased_until=taken_over, lease=2)
    leases.renew([mine, lost])
    ends = dict(Delivery.objects.values_list("pk", "leased_until"))
    assert ends[mine.pk] > soon + timedelta(seconds=10)
    assert ends[lost.pk] == taken_over
