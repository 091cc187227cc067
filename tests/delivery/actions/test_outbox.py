"""Filling, stopping and requeuing the outbox of one source."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from delivery.actions import outbox as actions
from delivery.models import Delivery, SourceKey
from tests.delivery.conftest import NEWSLETTER, fill_outbox, make_readers

State = Delivery.State


def test_filling_twice_adds_nobody_and_another_source_has_its_own(newsletter: None) -> None:
    make_readers(3)
    assert (fill_outbox(), fill_outbox()) == (3, 0)
    assert fill_outbox(SourceKey("newsletter", 2)) == 3
    assert {row.source_name for row in Delivery.objects.of(NEWSLETTER)} == {"News"}


def test_an_address_gets_one_message_of_a_source(newsletter: None) -> None:
    first, second = make_readers(2)
    second.email = first.email.upper()
    second.save()
    assert fill_outbox() == 1


@pytest.mark.parametrize("state", State.values)
def test_only_what_was_not_handed_over_is_stopped(
    outbox: Callable[[int], list[Delivery]], state: str
) -> None:
    outbox(2)
    Delivery.objects.update(state=state)
    waiting = state in {State.QUEUED, State.LEASED}
    assert actions.stop(source=NEWSLETTER) == (2 if waiting else 0)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SUPPRESSED if waiting else state}


def test_what_is_of_unknown_fate_is_queued_with_a_new_token(
    outbox: Callable[[int], list[Delivery]],
) -> None:
    row, _other = outbox(2)
    Delivery.objects.filter(pk=row.pk).update(state=State.UNKNOWN, attempts=1, lease=4)
    assert actions.requeue_unknown(source=NEWSLETTER) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease) == (State.QUEUED, 0, 5)
