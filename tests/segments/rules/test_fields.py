"""Fields of the catalogue against the tables they read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.models import User
from profiles.models import CustomerCounters
from segments.actions.rules.drafts import count_rule
from tests.factories import ConsentFactory, CustomerFactory

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_consent_is_that_of_the_person_on_every_record(ada: User) -> None:
    for days, (number, email, granted) in enumerate(
        [("a", "Eva@example.com", False), ("b", "eva@example.com", True), ("c", "", False), ("d", "", True)]
    ):
        customer = CustomerFactory(external_id=number, email=email)
        CustomerCounters.objects.create(customer=customer, counted_at=NOW)
        ConsentFactory(
            customer=customer,
            granted=granted,
            recorded_at=NOW - timedelta(days=9 - days),
        )
    agreed = {"field": "consent.email", "op": "=", "value": True}
    assert count_rule(tree={"all": [agreed]}, by=ada) == 3
