"""One customer, whose features are worked out by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from profiles.datasets.features import customer_features
from shop.models import Customer
from tests.planted import TODAY


def row_of(customer: Customer, as_of=TODAY) -> dict[str, float]:
    """What is known of one customer."""
    known = customer_features(as_of=as_of)
    return dict(zip(known.keys, known.values[known.ids.tolist().index(customer.pk)], strict=True))


@pytest.fixture
def ann(db) -> Customer:
    return Customer.objects.create(
        external_id="ann", email="ann@example.com", created_at=TODAY - timedelta(days=500)
    )
