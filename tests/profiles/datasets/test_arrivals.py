from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from profiles.datasets.arrivals import arrivals
from tests.factories import CustomerFactory
from tests.planted import TODAY, buy


def test_a_day_on_average_and_the_last(tea):
    customer = CustomerFactory()
    for days in (1, 2, 40):
        buy(customer, tea, TODAY - timedelta(days=days), Decimal(5))
    found = arrivals(as_of=TODAY)
    assert found["orders"].a_day == pytest.approx(2 / 28)
    assert found["orders"].last == TODAY - timedelta(days=1)
    assert (found["events"].a_day, found["events"].last) == (0, None)


def test_a_source_that_fell_silent_has_its_last_day(tea):
    buy(CustomerFactory(), tea, TODAY - timedelta(days=40), Decimal(5))
    assert arrivals(as_of=TODAY)["orders"].last == TODAY - timedelta(days=40)
    assert arrivals(as_of=TODAY)["orders"].a_day == 0
