"""Messages of events that arrive, and who is in a segment then."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from backoffice.models import User
from intake.actions.events import ingest
from segments.models import Segment


def message(event: str, user: str = "C1", **properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": event,
        "userId": user,
        "messageId": f"{event}{user}{properties}",
        "properties": properties,
    }


def order(number: str, user: str = "C1", price: float = 20) -> dict[str, Any]:
    tea = {"product_id": "TEA", "category": "Drinks", "price": price, "quantity": 1}
    return message("Order Completed", user, order_id=number, currency="GBP", products=[tea])


def receive(by: User, *messages: dict[str, Any]) -> Any:
    return ingest(by=by, messages=list(messages), received_at=timezone.now())


def numbers(segment: Segment) -> set[str]:
    """The customer numbers of its members."""
    return set(segment.members().values_list("external_id", flat=True))
