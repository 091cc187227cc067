"""Consent, address and cap of each customer, in one statement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery.datasets.checks import CAP_WINDOW, with_checks
from delivery.models import Delivery, SourceKey
from shop.models import Channel, Customer
from tests.delivery.conftest import NEWSLETTER, consent, make_readers

pytestmark = pytest.mark.django_db


def checked(customer: Customer, channel: str = Channel.EMAIL) -> tuple[bool, bool, int]:
    rows = with_checks(Customer.objects.filter(pk=customer.pk), channel=channel, source=NEWSLETTER)
    found: tuple[bool, bool, int] = rows.values_list("agreed", "addressed", "lately").get()
    return found


def test_consent_and_address_are_those_of_the_channel() -> None:
    reader, withdrew = make_readers(2)
    consent(withdrew, granted=False)
    assert checked(reader) == (True, True, 0)
    assert checked(withdrew) == (False, True, 0)
    assert checked(reader, Channel.SMS) == (False, False, 0)
    Customer.objects.filter(pk=reader.pk).update(email="")
    assert checked(reader) == (True, False, 0)


def test_the_cap_counts_what_other_sources_sent_lately() -> None:
    (reader,) = make_readers(1)
    now = timezone.now()
    for number, sent_at in enumerate([now, now - timedelta(days=1), now - CAP_WINDOW, None]):
        Delivery.objects.create(
            source_type="journey", source_id=number, customer=reader, channel=Channel.EMAIL, sent_at=sent_at
        )
    own = SourceKey(NEWSLETTER.type, NEWSLETTER.id)
    Delivery.objects.create(
        source_type=own.type, source_id=own.id, customer=reader, channel=Channel.EMAIL, sent_at=now
    )
    assert checked(reader) == (True, True, 2)
    everybody = with_checks(Customer.objects.all(), channel=Channel.EMAIL, source=None)
    assert everybody.values_list("lately", flat=True).get() == 3


def test_an_address_hash_ignores_case() -> None:
    lower, upper = make_readers(2)
    Customer.objects.filter(pk=upper.pk).update(email=lower.email.upper())
    rows = with_checks(Customer.objects.all(), channel=Channel.EMAIL, source=NEWSLETTER)
    assert len(set(rows.values_list("hash", flat=True))) == 1
