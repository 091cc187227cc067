"""The demo's products."""

from __future__ import annotations

import numpy as np
from django.templatetags.static import static

from shop.actions.demo.bulk import Shop, copy, times
from shop.demo import behaviour
from shop.demo.catalogue import PRODUCTS
from shop.demo.vocabulary import SLUGS
from shop.models import (
    Product,
)


def write_products(shop: Shop) -> None:
    goods, words = shop.goods, shop.words
    pictures = [
        static(f"demo/{SLUGS[category]}-{colour}.svg")
        for category, colour in zip(goods.category, goods.colour, strict=True)
    ]
    added = times(np.full(PRODUCTS, shop.now - behaviour.TWO_YEARS))
    copy(
        shop.cursor,
        Product,
        [
            "id",
            "sku",
            "title",
            "description",
            "category",
            "brand",
            "price",
            "cost",
            "currency",
            "stock",
            "image_url",
            "url",
            "attributes",
            "kind",
            "active",
            "created_at",
        ],
        [
            range(shop.first_product, shop.first_product + PRODUCTS),
            [f"P{n:04d}" for n in range(1, PRODUCTS + 1)],
            goods.titles,
            [""] * PRODUCTS,
            [words.categories[n] for n in goods.category],
            [words.brands[n] for n in goods.brand],
            goods.price.round(2).tolist(),
            goods.cost.tolist(),
            [shop.currency] * PRODUCTS,
            goods.stock.tolist(),
            pictures,
            [f"https://shop.example.com/p/{n:04d}" for n in range(1, PRODUCTS + 1)],
            [f'{{"colour": "{words.colours[n]}"}}' for n in goods.colour],
            [Product.Kind.PRODUCT.value] * PRODUCTS,
            ["t"] * PRODUCTS,
            added,
        ],
    )
