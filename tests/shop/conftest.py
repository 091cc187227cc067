"""Customers that several tests look at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from shop.models import Customer
from tests.factories import (
    ConsentFactory,
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
)


@pytest.fixture
def three() -> list[Customer]:
    """Ann may be sent mail and has an order; Bo said no; 王芳 never said anything."""
    ann = CustomerFactory(
        external_id="A1", first_name="Ann", last_name="Lee", email="ann@example.com", country="Ireland"
    )
    bo = CustomerFactory(external_id="B2", first_name="Bo", last_name="Ash", email="", country="France")
    fang = CustomerFactory(external_id="W3", first_name="芳", last_name="王", locale="zh-CN", country="")
    OrderLineFactory(order=OrderFactory(customer=ann), quantity=3)
    ConsentFactory(customer=ann)
    ConsentFactory(customer=bo, recorded_at=timezone.now() - timedelta(days=1))
    ConsentFactory(customer=bo, granted=False, recorded_at=timezone.now())
    return [ann, bo, fang]
