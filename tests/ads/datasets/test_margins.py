"""The margin of what was sold, where costs are known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ads.datasets.margins import known_margin
from shop.models import Order
from tests.factories import OrderLineFactory

pytestmark = pytest.mark.django_db


def sold(price: int, cost: int | None, *, quantity: int = 1, days_ago: int = 5, **more: object) -> None:
    OrderLineFactory(
        order__placed_at=timezone.now() - timedelta(days=days_ago),
        product__cost=cost,
        unit_price=price,
        quantity=quantity,
        **more,
    )


def test_margin_of_the_sales_of_a_season() -> None:
    assert known_margin(as_of=timezone.now(), currency="GBP") is None
    sold(10, 4), sold(30, 24, quantity=3)
    sold(10, 9, days_ago=120), sold(10, 9, order__currency="EUR")  # too old, another currency
    sold(10, 9, order__status=Order.Status.CANCELLATION)
    assert known_margin(as_of=timezone.now(), currency="GBP") == pytest.approx((6 + 18) / 100)


def test_costs_of_some_products_do_not_speak_for_all() -> None:
    sold(90, 45), sold(10, None)
    assert known_margin(as_of=timezone.now(), currency="GBP") is None
