"""What the demo's customers did."""

from __future__ import annotations

import pytest
from django.db.models import F

from shop.actions.demo.seeding import seed_demo
from shop.models import Event, Order, OrderLine

pytestmark = pytest.mark.django_db


def test_returns_are_negative_and_name_the_sale_of_their_customer() -> None:
    seed_demo(customers=100)
    returns = Order.objects.filter(status=Order.Status.CANCELLATION)
    assert returns.exists()
    assert not returns.exclude(refund_of__customer=F("customer"), refund_of__status="paid").filter(
        customer__isnull=False
    )
    assert not OrderLine.objects.filter(order__in=returns, quantity__gt=0).exists()
    assert not Order.objects.sales().filter(refund_of__isnull=False).exists()


def test_some_visits_are_of_people_not_yet_known() -> None:
    seed_demo(customers=200)
    unknown = Event.objects.filter(customer=None)
    assert unknown.exclude(anonymous_id="").exists()
    assert unknown.count() < Event.objects.count() / 2
