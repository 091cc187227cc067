from __future__ import annotations

from predictions.datasets.training_windows import first_event, first_order
from shop.models import Event
from tests.planted import TODAY
from tests.predictions.datasets.conftest import ago


def test_history_begins_with_the_first_order_and_the_first_event(ann):
    assert first_event(as_of=TODAY) is None
    Event.objects.create(customer=ann, kind="view", occurred_at=ago(8), session_id="a")
    assert first_order(as_of=TODAY) == ago(100)
    assert first_event(as_of=TODAY) == ago(8)
    assert first_order(as_of=ago(200)) is None
