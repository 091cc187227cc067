"""What the tests of the home page share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shop.models import Order, OrderLine, Product

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def sell(db):
    product = Product.objects.create(sku="1", title="Tea")

    def place(amount, days_ago, currency="GBP", status="paid", now=NOW):
        number = str(Order.objects.count())
        order = Order.objects.create(
            number=number, placed_at=now - timedelta(days=days_ago), currency=currency, status=status
        )
        quantity = -1 if status == "cancellation" else 1
        OrderLine.objects.create(
            order=order, product=product, key="1", quantity=quantity, unit_price=Decimal(amount)
        )

    return place
