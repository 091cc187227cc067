"""What a message of the Segment spec is understood as."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from intake.importers.events import MessageError, customer_fields, read_message
from shop.models import Channel, Event, Purpose

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(**message: Any) -> Any:
    return read_message({"userId": "u1", **message}, received_at=NOW)


def test_an_order_with_its_products() -> None:
    products = [{"sku": "A", "price": "2.5", "quantity": 2}]
    properties = {"order_id": 7, "currency": "eur", "discount": 1, "products": products}
    message = read(type="track", event="Order Completed", properties=properties)
    assert message.kind == Event.Kind.PURCHASE
    assert (message.sale.number, message.sale.refund, message.sale.currency) == ("7", False, "EUR")
    assert [(item.sku, item.price, item.quantity) for item in message.sale.items] == [
        ("A", Decimal("2.5"), 2)
    ]


def test_a_refund_needs_no_prices() -> None:
    message = read(
        type="track", event="order refunded", properties={"order_id": "7", "products": [{"sku": "A"}]}
    )
    assert (message.sale.refund, message.sale.items[0].price) == (True, None)


def test_traits_are_columns_attributes_or_answers() -> None:
    traits = {"email": "A@example.com", "plan": "gold", "email_consent": False, "sms_consent": "perhaps"}
    message = read(type="identify", traits=traits)
    assert message.consents == {(Channel.EMAIL, Purpose.MARKETING): False}
    fields = customer_fields(message)
    assert (fields["email"], fields["attributes"]) == ("A@example.com", {"plan": "gold"})


def test_a_customer_was_first_seen_when_they_say_or_now() -> None:
    assert customer_fields(read(type="identify"))["seen_at"] == NOW
    since = NOW - timedelta(days=400)
    assert customer_fields(read(type="identify", traits={"createdAt": since.isoformat()}))["seen_at"] == since


def test_a_message_without_an_id_is_recognised_by_its_time() -> None:
    dated = {"type": "page", "name": "Home", "timestamp": NOW.isoformat()}
    assert read(**dated).id == read(**dated).id
    assert read(type="page", name="Home").id != read(type="page", name="Home").id


@pytest.mark.parametrize("message", [{"type": "guess"}, {"type": "track"}, {"type": "page", "properties": 1}])
def test_what_cannot_be_understood_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(MessageError):
        read(**message)
