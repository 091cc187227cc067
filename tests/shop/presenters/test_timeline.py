"""Events become visits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from shop.presenters.timeline import timeline
from tests.factories import (
    CustomerFactory,
    EventFactory,
)

pytestmark = pytest.mark.django_db


def test_events_without_a_session_are_one_visit_until_half_an_hour_of_silence() -> None:
    customer, start = CustomerFactory(), timezone.now() - timedelta(days=2)
    for minutes, session in [(0, ""), (20, ""), (25, "s1"), (49, ""), (79, ""), (90, "s1")]:
        EventFactory(
            customer=customer,
            session_id=session,
            occurred_at=start + timedelta(minutes=minutes),
            name=str(minutes),
        )
    visits = [entry for _day, entries in timeline(customer, timezone.now()).days for entry in entries]
    assert [[event.name for event in visit.events] for visit in visits] == [
        ["79"],
        ["25", "90"],
        ["0", "20", "49"],
    ]
