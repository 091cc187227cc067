from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from segments.datasets.clock import today
from shop.actions.events import ensure_event_partitions
from shop.models import Event
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_an_empty_shop_lives_now():
    assert today(NOW) == NOW


def test_a_shop_with_orders_of_this_week_lives_now():
    OrderFactory(placed_at=NOW - timedelta(days=3))
    assert today(NOW) == NOW


def test_a_shop_whose_data_ended_is_seen_as_it_was_then():
    OrderFactory(placed_at=NOW - timedelta(days=900))
    ended = OrderFactory(placed_at=NOW - timedelta(days=400)).placed_at
    assert today(NOW) == ended + timedelta(seconds=1)


def test_a_visit_of_today_wakes_it_up():
    OrderFactory(placed_at=NOW - timedelta(days=400))
    ensure_event_partitions(NOW.date(), NOW.date())
    Event.objects.create(occurred_at=NOW - timedelta(minutes=1), kind=Event.Kind.VIEW)
    assert today(NOW) == NOW
