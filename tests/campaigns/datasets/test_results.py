"""What people bought, by arm."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from campaigns.datasets.results import WINDOW, Arm, arms
from delivery.models import Delivery
from shop.models import Order, OrderLine, Product
from tests.campaigns.conftest import make_customers, make_segment

pytestmark = pytest.mark.django_db


def test_orders_within_the_window_count_for_the_arm_of_their_customer(make_campaign):
    treated, failed, held = make_customers(3)
    campaign = make_campaign(make_segment([treated, failed, held]))
    states = {
        treated: Delivery.State.SENT,
        failed: Delivery.State.FAILED,
        held: Delivery.State.HELD_OUT,
    }
    for customer, state in states.items():
        Delivery.objects.create(
            source_type=campaign.SOURCE,
            source_id=campaign.pk,
            customer=customer,
            channel="email",
            address_hash=customer.external_id,
            state=state,
        )
    began = timezone.now() - timedelta(days=30)
    product = Product.objects.create(sku="P")
    for number, customer, at in [("1", treated, began), ("2", held, began), ("3", failed, began + WINDOW)]:
        order = Order.objects.create(
            number=number, customer=customer, placed_at=at, status=Order.Status.PAID, currency="GBP"
        )
        OrderLine.objects.create(order=order, product=product, key="1", quantity=1, unit_price=20)
    given_back = Order.objects.create(number="4", customer=failed, placed_at=began, currency="GBP")
    OrderLine.objects.create(order=given_back, product=product, key="1", quantity=-1, unit_price=5)
    message, holdout = arms(campaign, began)
    assert message == Arm(people=2, buyers=1, orders=1, revenue=Decimal(15), squares=425.0)
    assert holdout == Arm(people=1, buyers=1, orders=1, revenue=Decimal(20), squares=400.0)
    assert message.per_person == 7.5
    assert message.buyer_share == 0.5
