"""Events without a session of their own join the visitor's, or begin one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intake.actions.sessions import sessions_of
from intake.importers.events import IncomingMessage
from shop.models import SESSION_GAP, Event
from tests.factories import CustomerFactory, EventFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def viewed(name: str, at: datetime, **more: Any) -> IncomingMessage:
    return IncomingMessage(
        id=name, type="track", at=at, user_id="", kind=Event.Kind.VIEW, **{"anonymous_id": "visitor", **more}
    )


def test_a_pause_of_half_an_hour_ends_a_session() -> None:
    found = sessions_of(
        [viewed("a", NOON), viewed("b", NOON + timedelta(minutes=29)), viewed("c", NOON + 2 * SESSION_GAP)],
        {},
    )
    assert found["a"] == found["b"] != found["c"]


def test_a_stored_session_goes_on() -> None:
    EventFactory(customer=None, anonymous_id="visitor", session_id="s1", occurred_at=NOON)
    found = sessions_of([viewed("a", NOON + timedelta(minutes=5))], {})
    assert found == {"a": "s1"}


def test_a_known_customer_has_their_own() -> None:
    customer = CustomerFactory()
    EventFactory(customer=customer, session_id="s1", occurred_at=NOON)
    messages = [viewed("a", NOON + timedelta(minutes=5)), viewed("b", NOON + timedelta(minutes=5))]
    assert sessions_of(messages, {"a": customer.pk})["a"] == "s1"
    assert sessions_of(messages, {"a": customer.pk})["b"] != "s1"


def test_named_sessions_and_orders_of_a_server_are_left_alone() -> None:
    named = viewed("a", NOON, session_id="own")
    order = IncomingMessage(
        id="b", type="track", at=NOON, user_id="u1", anonymous_id="", kind=Event.Kind.PURCHASE
    )
    assert sessions_of([named, order], {}) == {}
