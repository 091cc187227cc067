from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np

from predictions.datasets.category import next_categories
from shop.models import Product
from tests.planted import TODAY, buy
from tests.predictions.datasets.conftest import LATER


def test_the_category_of_the_next_order(ann, tea):
    lamp = Product.objects.create(sku="LAMP", title="Lamp", category="Lights", currency="GBP")
    buy(ann, lamp, TODAY + timedelta(days=5), Decimal(70))
    buy(ann, tea, TODAY + timedelta(days=9), Decimal(70))
    ids = np.array([ann.pk, ann.pk + 1])
    assert next_categories(as_of=TODAY, until=LATER, ids=ids, categories=["Drinks", "Lights"]).tolist() == [
        1,
        -1,
    ]
    assert next_categories(as_of=TODAY, until=LATER, ids=ids, categories=["Drinks"]).tolist() == [-1, -1]
    assert next_categories(as_of=TODAY, until=TODAY, ids=ids, categories=["Lights"]).tolist() == [-1, -1]
