from __future__ import annotations

import pytest

from profiles.datasets.features import BY_KEY
from profiles.presenters.features import against_average, in_unit, not_known, own_against_average
from tests.planted import TODAY


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("recency", 12.9, "12 days"),
        ("monetary", 1234.9, "£1,235"),
        ("return_rate", 0.25, "25%"),
        ("dwell", 3.0, "3 min"),
        ("frequency", 2.5, "2.5"),
    ],
)
def test_a_value_in_its_unit(key, value, shown):
    assert in_unit(BY_KEY[key], value, "GBP") == shown


def test_against_the_average():
    assert against_average("frequency", 12, 4, "GBP") == "Orders: 12, 3.0 times the average customer's 4"
    assert against_average("recency", 12, 40, "GBP").endswith("12 days (average buyer: 40 days)")
    assert against_average("female", 0.8, 0.5, "GBP") == "Women: 80% (all customers: 50%)"


def test_one_customer_against_the_average():
    assert own_against_average("female", 1, 0.54, "GBP", as_of=TODAY) == "A woman, like 54% of the customers"
    recency = own_against_average("recency", 12, 40, "GBP", as_of=TODAY)
    assert "12 days on 1 Jun 2026" in recency, "days pass by themselves"
    assert not_known("age") == "Age: not known, counted as the average"
