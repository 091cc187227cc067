"""Products are filled, never overwritten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from intake.actions.facts.products import write_products
from intake.actions.facts.staging import PRODUCTS, StagedBatch
from shop.models import Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
BLANK = dict.fromkeys(["title", "category", "brand", "currency", "image_url", "url"], "")


def write(**stated: Any) -> int:
    staged = StagedBatch()
    staged.add(PRODUCTS, [{"sku": "A", **BLANK, **stated}])
    return write_products(staged)


def test_a_new_product_is_on_sale() -> None:
    assert write(title="Tea", price="2.50", currency="EUR") == 1
    product = Product.objects.get()
    assert (product.title, product.price, product.currency, product.active) == (
        "Tea",
        Decimal("2.5"),
        "EUR",
        True,
    )
    assert write(title="Tea") == 0


def test_gaps_are_filled_and_a_price_keeps_its_currency() -> None:
    ProductFactory(sku="A", title="Ours", category="", price=Decimal(70), currency="GBP")
    write(title="Theirs", category="Drinks", price="60", currency="EUR")
    product = Product.objects.get()
    assert (product.title, product.category) == ("Ours", "Drinks")
    assert (product.price, product.currency) == (Decimal(70), "GBP")
