"""What no customer can have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from shop.models import Customer
from tests.factories import CustomerFactory, OrderLineFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("year", [1, 9999])
def test_a_date_that_some_zone_cannot_show_is_not_stored(year: int) -> None:
    with pytest.raises(IntegrityError):
        CustomerFactory(created_at=datetime(year, 1, 1, tzinfo=UTC))


def test_a_return_alone_makes_no_customer_with_orders() -> None:
    buyer, returner = OrderLineFactory().order.customer, OrderLineFactory(quantity=-1).order.customer
    assert list(Customer.objects.with_orders()) == [buyer]
    assert list(Customer.objects.without_orders()) == [returner]
