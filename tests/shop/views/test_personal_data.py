"""Exporting and erasing a customer by their pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from backoffice.models import AuditEntry
from shop.models import Consent, Customer, Event, Order, OrderLine
from tests.factories import (
    DeliveryFactory,
    EventFactory,
    MembershipFactory,
)

pytestmark = pytest.mark.django_db


def test_a_customer_gets_everything_known_about_them(
    three: list[Customer], mara: Any, ines: Any, as_user: Any
) -> None:
    ann = three[0]
    EventFactory(customer=ann, kind="view")
    MembershipFactory(customer=ann)
    address = reverse("shop:customer-export-data", args=[ann.pk])
    assert as_user(ines).post(address).status_code == 403
    answer = as_user(mara).post(address)
    assert "attachment" in answer["Content-Disposition"]
    data = answer.json()
    assert [row["email"] for row in data["shop.customer"]] == [ann.email]
    assert (len(data["shop.order"]), len(data["segments.membership"])) == (1, 1)
    assert [row["kind"] for row in data["shop.event"]] == ["view"]
    entry = AuditEntry.objects.get(verb="customer.export_data")
    assert (entry.by, entry.object_id, entry.label) == (mara, str(ann.pk), "")


def test_erasing_deletes_the_person_and_keeps_the_revenue(
    three: list[Customer], ada: Any, mara: Any, as_user: Any
) -> None:
    ann = three[0]
    EventFactory(customer=ann)
    other = EventFactory()
    MembershipFactory(customer=ann)
    DeliveryFactory(customer=ann)
    lines = OrderLine.objects.count()
    address = reverse("shop:customer-erase", args=[ann.pk])
    assert as_user(mara).get(address).status_code == 403
    assert "kept as those of a guest" in as_user(ada).get(address).text
    assert as_user(ada).post(address).status_code == 302
    assert not Customer.objects.filter(external_id="A1").exists()
    assert list(Event.objects.all()) == [other]
    assert Consent.objects.filter(customer_id=ann.pk).count() == 0
    assert OrderLine.objects.count() == lines
    assert Order.objects.filter(customer=None).count() == 1
    entry = AuditEntry.objects.get(verb="customer.erase")
    assert entry.details == {
        "shop.customer": 1,
        "shop.consent": 1,
        "shop.order": 1,
        "shop.orderline": 1,
        "shop.event": 1,
        "segments.membership": 1,
        "delivery.delivery": 1,
    }
    assert not any(word in f"{entry.label} {entry.details}" for word in ("Ann", "Lee", "example.com", "A1"))
