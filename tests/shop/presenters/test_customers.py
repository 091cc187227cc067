"""What lists show of customers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shop.models import Customer, Order
from shop.presenters.customers import with_facts
from tests.factories import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db


def test_orders_spending_by_currency_and_consent(three: list[Customer]) -> None:
    ann, bo, _fang = three
    OrderLineFactory(order=OrderFactory(customer=ann, currency="EUR"), unit_price=Decimal("9.99"), quantity=1)
    OrderLineFactory(order=OrderFactory(customer=ann, status=Order.Status.PENDING), quantity=9)
    first, second = with_facts([ann, bo])
    assert (first["customer"], first["orders"], first["consents"]) == (ann, 2, True)
    assert [currency for _amount, currency in first["spend"]] == ["EUR", "GBP"]
    assert first["spend"][0][0] == Decimal("9.99")
    assert (second["orders"], second["last"], second["spend"], second["consents"]) == (0, None, [], False)
