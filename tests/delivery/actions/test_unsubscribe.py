"""Withdrawing consent by the link of a message."""

from __future__ import annotations

from collections.abc import Callable

from delivery.actions.unsubscribe import unsubscribe
from delivery.models import Delivery
from shop.models import Consent


def test_a_consent_is_withdrawn_once_with_the_sources_name(outbox: Callable[[int], list[Delivery]]) -> None:
    (row,) = outbox(1)
    unsubscribe(delivery=row)
    unsubscribe(delivery=row)
    word = Consent.objects.get(granted=False)
    assert (word.source, word.note, word.channel) == (Consent.Source.UNSUBSCRIBE, "News", row.channel)
