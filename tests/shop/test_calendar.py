from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from shop.actions.events import ensure_event_partitions
from shop.calendar import Silence, day_of, facts_until, present, silence, start_of_day, start_of_month
from shop.models import Event
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_an_empty_shop_lives_now():
    assert present(NOW) == NOW


def test_a_shop_with_orders_of_this_week_lives_now():
    OrderFactory(placed_at=NOW - timedelta(days=3))
    assert present(NOW) == NOW


def test_a_shop_whose_data_ended_is_seen_as_it_was_then():
    OrderFactory(placed_at=NOW - timedelta(days=900))
    ended = OrderFactory(placed_at=NOW - timedelta(days=400)).placed_at
    assert present(NOW) == ended + timedelta(seconds=1)


def test_a_visit_of_today_wakes_it_up():
    OrderFactory(placed_at=NOW - timedelta(days=400))
    ensure_event_partitions(NOW.date(), NOW.date())
    Event.objects.create(occurred_at=NOW - timedelta(minutes=1), kind=Event.Kind.VIEW)
    assert present(NOW) == NOW


def test_a_handful_of_orders_after_a_long_silence_does_not_move_the_groups():
    old = [OrderFactory(placed_at=NOW - timedelta(days=900 + day)).placed_at for day in range(250)]
    trial = OrderFactory(placed_at=NOW - timedelta(hours=1)).placed_at
    assert facts_until() == max(old) + timedelta(seconds=1)
    assert present(NOW) == NOW, "rules ask about what arrives"
    assert silence(NOW) == Silence(max(old), trial)


def test_a_shop_that_woke_up_lives_now():
    for day in range(250):
        OrderFactory(placed_at=NOW - timedelta(days=900 + day))
    for hours in range(1, 4):
        OrderFactory(placed_at=NOW - timedelta(hours=hours))
    assert facts_until() == NOW - timedelta(hours=1) + timedelta(seconds=1), (
        "three of 253 are more than a hundredth"
    )
    assert silence(NOW) is None


def test_one_order_of_a_few_is_a_trial_and_two_are_not():
    OrderFactory(placed_at=NOW - timedelta(days=900))
    OrderFactory(placed_at=NOW - timedelta(hours=1))
    assert facts_until() == NOW - timedelta(days=900) + timedelta(seconds=1)
    OrderFactory(placed_at=NOW - timedelta(hours=2))
    assert facts_until() == NOW - timedelta(hours=1) + timedelta(seconds=1)


def test_a_week_without_a_fact_means_that_the_data_ended():
    order = OrderFactory(placed_at=NOW - timedelta(days=6))
    assert present(NOW) == NOW
    assert present(NOW + timedelta(days=2)) == order.placed_at + timedelta(seconds=1)


def test_days_and_months_begin_where_the_shop_is(settings):
    late = datetime(2026, 12, 31, 20, tzinfo=UTC)
    assert (day_of(late), start_of_month(late)) == (date(2026, 12, 31), datetime(2026, 12, 1, tzinfo=UTC))
    settings.SHOP_TIME_ZONE = "Asia/Shanghai"  # eight hours ahead: the year has begun there
    assert day_of(late) == date(2027, 1, 1)
    assert start_of_day(day_of(late)) == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert start_of_month(late, back=12) == datetime(2025, 12, 31, 16, tzinfo=UTC)
