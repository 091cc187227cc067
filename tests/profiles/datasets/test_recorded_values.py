from __future__ import annotations

import math

import pytest

from profiles.datasets.recorded_values import recorded_values
from tests.factories import CustomerFactory, CustomFeatureFactory
from tests.planted import TODAY


def test_what_is_recorded_what_is_not_and_what_cannot_be_read(db):
    own = CustomFeatureFactory(attribute="points")
    customer = CustomerFactory(attributes={"age": 31, "points": "many"})
    found = recorded_values(customer.pk, ["age", "female", own.key], as_of=TODAY)
    assert found["age"] == 31
    assert math.isnan(found["female"])
    assert found[own.key] == math.inf


@pytest.mark.parametrize(("customer", "keys"), [(0, ["age"]), (0, [])])
def test_nothing_of_nobody(db, customer, keys):
    assert recorded_values(customer, keys, as_of=TODAY) == {}
