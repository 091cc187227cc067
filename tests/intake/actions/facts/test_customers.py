"""Customers are filled or replaced, and nothing of them is ever blanked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from intake.actions.facts.customers import note_touched, write_customers
from intake.actions.facts.staging import CUSTOMERS, StagedBatch
from intake.importers.policies import Policy
from shop.models import TEST_DOMAIN, TEST_NOTE, Consent, Customer, CustomerTouched
from tests.factories import ConsentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
BLANK = dict.fromkeys(["email", "phone", "first_name", "last_name", "country", "locale"], "")
MAY, JUNE = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)


def write(policy: Policy, **stated: Any) -> int:
    staged = StagedBatch()
    staged.add(CUSTOMERS, [{"external_id": "C1", "attributes": {}, **BLANK, **stated}])
    new = write_customers(staged, policy)
    note_touched(staged)
    return new


def known() -> Customer:
    return Customer.objects.get(external_id="C1")


def test_a_new_customer_is_one_since_the_earliest_that_is_known_of_them() -> None:
    assert write(Policy.FILL, seen_at=MAY) == 1
    assert known().created_at == MAY
    assert write(Policy.FILL, seen_at=JUNE) == 0
    assert known().created_at == MAY


@pytest.mark.parametrize(("policy", "since"), [(Policy.FILL, MAY), (Policy.REPLACE, JUNE)])
def test_a_stated_date_replaces_an_earlier_one_only_where_that_is_wanted(
    policy: Policy, since: datetime
) -> None:
    CustomerFactory(external_id="C1", created_at=MAY)
    write(policy, since=JUNE)
    assert known().created_at == since


@pytest.mark.parametrize(
    ("policy", "phone", "plan"), [(Policy.FILL, "1", "free"), (Policy.REPLACE, "2", "gold")]
)
def test_the_policy_says_which_of_two_values_counts(policy: Policy, phone: str, plan: str) -> None:
    CustomerFactory(external_id="C1", phone="1", country="", attributes={"plan": "free"})
    write(policy, phone="2", country="FR", attributes={"plan": "gold", "age": 30})
    customer = known()
    assert (customer.phone, customer.country) == (phone, "FR")
    assert customer.attributes == {"plan": plan, "age": 30}


@pytest.mark.parametrize("policy", Policy)
def test_a_blank_replaces_nothing_and_touches_nobody(policy: Policy) -> None:
    before = CustomerFactory(external_id="C1", first_name="Ann")
    write(policy)
    assert known().first_name == before.first_name
    assert not CustomerTouched.objects.exists()
    write(policy, locale="fr")
    assert CustomerTouched.objects.get().customer_id == before.pk


def test_the_parts_of_a_name_are_filled_together() -> None:
    CustomerFactory(external_id="C1", first_name="", last_name="Lee")
    write(Policy.FILL, first_name="Bo", last_name="Ash")
    assert (known().first_name, known().last_name) == ("", "Lee")


@pytest.mark.parametrize("policy", Policy)
def test_a_made_up_address_gives_way_with_its_consent(policy: Policy) -> None:
    customer = CustomerFactory(external_id="C1", email=f"1{TEST_DOMAIN}")
    ConsentFactory(customer=customer, source=Consent.Source.STAFF, note=TEST_NOTE)
    write(policy, email="real@example.com")
    assert known().email == "real@example.com"
    assert not Consent.objects.exists()
