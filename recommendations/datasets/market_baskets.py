"""Tables -> arrays: what was in one order, and what was bought after it was viewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from django.db.models import Count
from numpy.typing import NDArray

from backoffice.bulk_copy import read_arrays
from shop.models import Product

ORDER_WINDOW = timedelta(days=365)
VIEW_WINDOW = timedelta(days=180)
PURCHASE_WINDOW = timedelta(days=30)  # a purchase counts within so long after the first view
MAXIMUM_ITEMS = 5_000

BEST_SELLERS = """
    SELECT product_id, coalesce(nullif(title, ''), sku) FROM (
        SELECT product_id, count(*) AS n FROM shop_orderline line JOIN shop_purchase o ON o.id = order_id
        WHERE quantity > 0 AND placed_at >= %(since)s AND placed_at < %(as_of)s
        GROUP BY product_id ORDER BY n DESC, product_id LIMIT %(limit)s
    ) sold JOIN shop_product ON id = product_id ORDER BY n DESC, product_id"""

PRODUCTS_BY_ORDER = """
    SELECT DISTINCT order_id::bigint, (array_position(%(ids)s::bigint[], product_id) - 1)::bigint
    FROM shop_orderline line JOIN shop_purchase o ON o.id = order_id
    WHERE quantity > 0 AND placed_at >= %(since)s AND placed_at < %(as_of)s
      AND product_id = ANY(%(ids)s::bigint[])
    ORDER BY 1, 2"""

CATEGORIES_BY_ORDER = """
    SELECT DISTINCT order_id::bigint, (array_position(%(names)s::text[], category::text) - 1)::bigint
    FROM shop_orderline line JOIN shop_purchase o ON o.id = order_id JOIN shop_product p ON p.id = product_id
    WHERE quantity > 0 AND placed_at >= %(since)s AND placed_at < %(as_of)s
      AND category = ANY(%(names)s)
    ORDER BY 1, 2"""

VIEWED_THEN_BOUGHT = """
    WITH viewed AS (
        SELECT customer_id, category, min(occurred_at) AS at
        FROM shop_event e JOIN shop_product p ON p.id = product_id
        WHERE e.kind = 'view' AND customer_id IS NOT NULL AND category = ANY(%(names)s)
          AND occurred_at >= %(since)s AND occurred_at < %(until)s
        GROUP BY customer_id, category
    ), bought AS (
        SELECT customer_id, category, placed_at
        FROM shop_purchase o JOIN shop_orderline ON order_id = o.id JOIN shop_product p ON p.id = product_id
        WHERE quantity > 0 AND customer_id IS NOT NULL AND category = ANY(%(names)s)
          AND placed_at >= %(since)s AND placed_at < %(as_of)s
    )
    SELECT DISTINCT viewed.customer_id::bigint,
           (array_position(%(names)s::text[], viewed.category::text) - 1)::bigint,
           coalesce(array_position(%(names)s::text[], bought.category::text) - 1, -1)::bigint
    FROM viewed LEFT JOIN bought ON bought.customer_id = viewed.customer_id
      AND placed_at > at AND placed_at < at + %(window)s
    ORDER BY 1, 2, 3"""


@dataclass(frozen=True)
class MarketBaskets:
    """`basket` and `item` are parallel, one entry for each item of each order: the order's primary key and
    the item's number; `names[item]` is the item's name."""

    basket: NDArray[np.int64]
    item: NDArray[np.int64]
    names: list[str]


@dataclass(frozen=True)
class ViewsAndPurchases:
    """Parallel: a customer (primary key) viewed a category and bought of one within PURCHASE_WINDOW (-1:
    bought nothing). Categories are numbers; `names[number]` is the category."""

    customer: NDArray[np.int64]
    viewed: NDArray[np.int64]
    bought: NDArray[np.int64]
    names: list[str]


def category_baskets(*, as_of: datetime) -> MarketBaskets:
    """Categories of the paid orders of the year before `as_of`."""
    names = _categories()
    found = read_arrays(
        CATEGORIES_BY_ORDER,
        {"names": names, "since": as_of - ORDER_WINDOW, "as_of": as_of},
        {"basket": int, "item": int},
    )
    return MarketBaskets(found["basket"], found["item"], names)


def product_baskets(*, as_of: datetime) -> MarketBaskets:
    """Products of the paid orders of the year before `as_of`: the MAXIMUM_ITEMS that most orders hold."""
    window = {"since": as_of - ORDER_WINDOW, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(BEST_SELLERS, window | {"limit": MAXIMUM_ITEMS})
        products = cursor.fetchall()
    found = read_arrays(
        PRODUCTS_BY_ORDER, window | {"ids": [pk for pk, _title in products]}, {"basket": int, "item": int}
    )
    return MarketBaskets(found["basket"], found["item"], [title for _pk, title in products])


def views_and_purchases(*, as_of: datetime) -> ViewsAndPurchases:
    """Categories viewed in the VIEW_WINDOW before the last PURCHASE_WINDOW, and what was bought within
    PURCHASE_WINDOW after the first view."""
    names = _categories()
    found = read_arrays(
        VIEWED_THEN_BOUGHT,
        {
            "names": names,
            "since": as_of - PURCHASE_WINDOW - VIEW_WINDOW,
            "until": as_of - PURCHASE_WINDOW,
            "as_of": as_of,
            "window": PURCHASE_WINDOW,
        },
        {"customer": int, "viewed": int, "bought": int},
    )
    return ViewsAndPurchases(found["customer"], found["viewed"], found["bought"], names)


def _categories() -> list[str]:
    """Those with the most products first."""
    categories = Product.objects.exclude(category="").values("category").annotate(products=Count("pk"))
    return list(
        categories.order_by("-products", "category").values_list("category", flat=True)[:MAXIMUM_ITEMS]
    )
