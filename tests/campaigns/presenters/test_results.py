"""What a campaign changed, and when nothing can be stated."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.presenters.results import FEWEST_BUYERS, results
from delivery.actions.sending import deliver_due
from delivery.models import Delivery
from shop.models import Customer, Order, OrderLine, Product
from tests.campaigns.conftest import make_customers, make_segment


def buy(
    customer: Customer,
    amount: int,
    *,
    at: Any,
    number: str,
    status: str = Order.Status.PAID,
    currency: str = "GBP",
) -> None:
    product, _new = Product.objects.get_or_create(sku="P")
    order = Order.objects.create(
        number=number, customer=customer, placed_at=at, status=status, currency=currency
    )
    OrderLine.objects.create(
        order=order, product=product, key="1", quantity=1 if amount > 0 else -1, unit_price=abs(amount)
    )


def test_orders_of_recipients_and_of_the_holdout(approved: Any, post: Any) -> None:
    campaign = approved(make_segment(make_customers(30)), holdout_percent=50)
    assert results(campaign) is None
    deliver_due()
    start = timezone.now() - timedelta(days=8)
    Campaign.objects.filter(pk=campaign.pk).update(started_at=start)
    campaign.refresh_from_db()
    treated = Customer.objects.filter(
        deliveries__source_id=campaign.pk, deliveries__state=Delivery.State.SENT
    ).order_by("pk")
    held = Customer.objects.filter(
        deliveries__source_id=campaign.pk, deliveries__state=Delivery.State.HELD_OUT
    ).first()
    assert held is not None
    buy(treated[0], 100, at=start + timedelta(days=1), number="a")
    buy(treated[0], -30, at=start + timedelta(days=2), number="b", status=Order.Status.CANCELLATION)
    buy(treated[1], 50, at=start + timedelta(days=9), number="late")
    buy(treated[1], 50, at=start - timedelta(days=1), number="before")
    buy(treated[2], 50, at=start + timedelta(days=1), number="dollars", currency="USD")
    buy(held, 7, at=start + timedelta(days=3), number="c")
    found = results(campaign)
    assert found is not None
    assert (found.treated.buyers, found.treated.orders, found.treated.revenue) == (1, 1, Decimal(70))
    assert (found.held_out.buyers, found.held_out.revenue) == (1, Decimal(7))
    assert found.lift.value == pytest.approx(70 / found.treated.people - 7 / found.held_out.people)
    assert found.verdict == "few"
    assert found.treated.buyers < FEWEST_BUYERS
