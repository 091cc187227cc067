"""The page of one customer: what they spent, and their history page by page."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from shop.models import Customer, Event, Order
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
)

pytestmark = pytest.mark.django_db


def test_the_customer_page_adds_up_each_currency(three: list[Customer], mara: Any, as_user: Any) -> None:
    ann = three[0]
    OrderLineFactory(order=OrderFactory(customer=ann, currency="EUR"), unit_price=Decimal("9.99"))
    OrderLineFactory(order=OrderFactory(customer=ann, status=Order.Status.CANCELLATION), quantity=-1)
    OrderLineFactory(order=OrderFactory(customer=ann, status=Order.Status.PENDING), quantity=9)
    response = as_user(mara).get(reverse("shop:customer", args=[ann.pk]))
    assert "£40.00" in response.text
    assert "€9.99" in response.text
    assert response.context["facts"]["orders"] == 2
    assert reverse("segments:customer-panel", args=[ann.pk]) in response.text


def test_the_history_is_complete_page_by_page(mara: Any, as_user: Any) -> None:
    customer = CustomerFactory()
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            customer=customer,
            kind="page",
            name=f"page {n}",
            session_id=f"s{n // 3}",
            occurred_at=now - timedelta(hours=n + 1),
        )
        for n in range(200)
    )
    for n in range(5):
        OrderFactory(
            customer=customer, number=f"N{n}", placed_at=now - timedelta(hours=50 * n + 1, minutes=30)
        )
    browser = as_user(mara)
    response = browser.get(reverse("shop:customer", args=[customer.pk]))
    seen: list[str] = []
    while True:
        part = response.context["timeline"]
        for _day, entries in part.days:
            for entry in entries:
                seen += [entry.order.number] if entry.order else [event.name for event in entry.events]
        if not part.older:
            break
        response = browser.get(
            reverse("shop:customer-timeline", args=[customer.pk]), {"before": part.older.isoformat()}
        )
    assert sorted(seen) == sorted([f"page {n}" for n in range(200)] + [f"N{n}" for n in range(5)])
    assert (
        browser.get(reverse("shop:customer-timeline", args=[customer.pk]), {"before": "soon"}).status_code
        == 404
    )
