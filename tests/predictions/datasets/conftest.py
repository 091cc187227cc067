"""One customer with three orders, worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from shop.models import Customer
from tests.planted import TODAY, buy

LATER = TODAY + timedelta(days=60)


def ago(days: float):
    """So many days before TODAY."""
    return TODAY - timedelta(days=days)


@pytest.fixture
def ann(tea) -> Customer:
    customer = Customer.objects.create(external_id="ann", email="ann@example.com", created_at=ago(500))
    for days in (100, 70, 10):
        buy(customer, tea, ago(days), Decimal(20))
    return customer
