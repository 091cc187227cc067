"""The demo's customers, and what they answered."""

from __future__ import annotations

import pytest

from shop.actions.demo.seeding import seed_demo
from shop.models import Consent, Customer, Unprofiled

pytestmark = pytest.mark.django_db


def test_customers_speak_the_language_of_their_shop() -> None:
    seed_demo(customers=50, language="zh-hans")
    assert not Customer.objects.exclude(locale__startswith="zh").exists()
    assert not Customer.objects.exclude(email__endswith="@example.org").exists()
    assert {"age", "gender", "income", "city"} <= Customer.objects.first().attributes.keys()


def test_some_agree_some_leave_and_some_refuse_personalisation() -> None:
    seed_demo(customers=400)
    assert Consent.objects.filter(source=Consent.Source.UNSUBSCRIBE, granted=False).exists()
    assert 0 < Unprofiled.objects.count() < 200
    assert 0 < Customer.objects.contactable("sms").count() < 400
