"""Everything that is due goes out, whichever source it is from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from delivery.actions.sending import deliver_due
from delivery.models import Delivery


def test_all_batches_of_a_source_that_is_no_campaign(
    outbox: Callable[[int], list[Delivery]], post: Any
) -> None:
    outbox(60)  # more than one batch
    assert deliver_due() == 60
    assert deliver_due() == 0
    assert set(post.times.values()) == {1}


def test_without_patience_nothing_is_taken(outbox: Callable[[int], list[Delivery]], post: Any) -> None:
    outbox(1)
    assert deliver_due(patience=0) == 0
    assert Delivery.objects.get().state == Delivery.State.QUEUED
