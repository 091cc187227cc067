"""The port to what sends messages: campaigns today, journeys later. Delivery knows none of them; settings
name them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from delivery.channels import Letter
from shop.models import Customer


class Writer(Protocol):
    """Writes the letters of one batch."""

    def write(self, customer: Customer, *, letter_id: str, unsubscribe_url: str) -> Letter:
        """The letter to one customer of the batch. Raises Refused when the text cannot be filled in."""


class Source(Protocol):
    """A kind of thing that sends messages. `source_id` is the key of one of them."""

    def begin_due(self) -> None:
        """Start what is due now: write its rows with `delivery.actions.outbox.enqueue`."""

    def being_sent(self) -> Sequence[int]:
        """The ids of those that are being sent now, the first begun first."""

    def writer(self, source_id: int, customers: Sequence[int]) -> Writer:
        """What writes the letters to these customers (their keys). Raises Refused when no letter can be
        written."""

    def finish(self) -> None:
        """Close those with nothing left to send."""

    def language(self, source_id: int) -> str:
        """The language code its letters are written in."""


def sources() -> dict[str, Source]:
    """Every source by its type, as settings.DELIVERY_SOURCES names them."""
    return {kind: import_string(path)() for kind, path in settings.DELIVERY_SOURCES.items()}
