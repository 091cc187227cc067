"""Which messages are an erased person's."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from intake.actions.facts.erased import without_erased
from intake.importers.events import IncomingMessage, read_message
from shop.actions.erased import remember

pytestmark = pytest.mark.django_db


def message(**content: Any) -> IncomingMessage:
    raw = {"type": "track", "event": "Product Viewed", **content}
    return read_message(raw, received_at=timezone.now())


def test_only_what_is_the_persons_is_left_out() -> None:
    known = [message(userId="B2", anonymousId="v-1"), message(anonymousId="v-2")]
    assert without_erased([]) == ([], 0)
    assert without_erased(known) == (known, 0)
    remember(["A1", "v-1"])
    theirs = [message(userId="a1"), message(anonymousId="v-1")]
    kept, count = without_erased([*known, *theirs])
    assert count == 2
    assert [(m.user_id, m.anonymous_id) for m in kept] == [("B2", ""), ("", "v-2")]


def test_an_order_is_kept_as_a_guests() -> None:
    remember(["A1"])
    order = {"order_id": "W-1", "products": [{"sku": "S", "price": 1}], "email": "ann@example.com"}
    ((kept,), count) = without_erased([message(userId="A1", event="Order Completed", properties=order)])
    assert count == 1
    assert kept.sale is not None
    assert (kept.user_id, kept.kind, kept.properties) == ("", "", {})
