"""A shop with habits, for all that is predicted."""

from __future__ import annotations

import pytest

from shop.models import Customer
from tests.planted import TODAY
from tests.shops import seasoned_shop


@pytest.fixture
def seasoned(db) -> list[Customer]:
    """500 customers who buy at a rate of their own, over 360 days."""
    return seasoned_shop(customers=500, days=360, until=TODAY)
