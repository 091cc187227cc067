"""Whose word counts: the newest one of the person, on whichever record it was given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shop.models import Channel, Customer, Purpose, Unprofiled
from tests.factories import ConsentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def reachable() -> set[str]:
    return set(Customer.objects.contactable(Channel.EMAIL).values_list("external_id", flat=True))


@pytest.mark.parametrize(("later", "reached"), [(True, {"a", "b"}), (False, set())])
def test_the_newest_word_on_any_record_of_an_address_counts(later: bool, reached: set[str]) -> None:
    mine = CustomerFactory(external_id="a", email="Eva@Example.com")
    CustomerFactory(external_id="b", email="eva@example.COM")
    twin = Customer.objects.get(external_id="b")
    ConsentFactory(customer=mine, granted=not later, recorded_at=MARCH)
    ConsentFactory(customer=twin, granted=later, recorded_at=MARCH + timedelta(days=1))
    assert reachable() == reached


def test_the_time_of_a_word_decides_not_its_arrival() -> None:
    customer = CustomerFactory(external_id="a", email="a@example.com")
    ConsentFactory(customer=customer, granted=False, recorded_at=MARCH)
    ConsentFactory(customer=customer, granted=True, recorded_at=MARCH - timedelta(days=28))
    assert reachable() == set()


@pytest.mark.parametrize("purpose", Purpose)
def test_of_two_words_of_one_moment_the_no_counts(purpose: str) -> None:
    for number, granted in (("a", False), ("b", True)):
        customer = CustomerFactory(external_id=number, email="eva@example.com")
        ConsentFactory(customer=customer, purpose=purpose, granted=granted, recorded_at=MARCH)
    assert not Customer.objects.consenting(Channel.EMAIL, purpose).exists()
    assert Unprofiled.objects.count() == (2 if purpose == Purpose.PROFILING else 0)


def test_people_without_an_address_are_not_one_person() -> None:
    for number, granted in (("a", True), ("b", False)):
        ConsentFactory(customer=CustomerFactory(external_id=number, email=""), granted=granted)
    agreed = Customer.objects.consenting(Channel.EMAIL).values_list("external_id", flat=True)
    assert list(agreed) == ["a"]


@pytest.mark.parametrize(("last", "refused"), [(False, {"a", "b"}), (True, set())])
def test_an_objection_to_personalisation_is_the_persons(last: bool, refused: set[str]) -> None:
    for days, (number, granted) in enumerate([("a", not last), ("b", last)]):
        ConsentFactory(
            customer=CustomerFactory(external_id=number, email="eva@example.com"),
            purpose=Purpose.PROFILING,
            granted=granted,
            recorded_at=MARCH + timedelta(days=days),
        )
    CustomerFactory(external_id="c", email="c@example.com")
    assert set(Unprofiled.objects.values_list("customer__external_id", flat=True)) == refused
