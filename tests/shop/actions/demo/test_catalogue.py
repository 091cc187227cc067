"""The demo's products."""

from __future__ import annotations

import pytest
from django.db.models import F

from shop.actions.demo.seeding import seed_demo
from shop.models import Product

pytestmark = pytest.mark.django_db


def test_products_have_prices_above_their_cost_in_one_currency() -> None:
    seed_demo(customers=5, currency="CHF")
    assert set(Product.objects.values_list("currency", flat=True)) == {"CHF"}
    assert not Product.objects.filter(cost__gte=F("price")).exists()
    assert not Product.objects.filter(title="").exists()
