"""What customers bought: to show it, and to offer none of it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from shop.models import Event, Product

LATEST_PURCHASES = """
    SELECT customer_id, product_id FROM (
        SELECT o.customer_id, l.product_id, row_number() OVER (
            PARTITION BY o.customer_id ORDER BY max(o.placed_at) FILTER (WHERE sale IS NOT NULL) DESC,
                l.product_id) AS place
        FROM shop_orderline l
        JOIN shop_order o ON o.id = l.order_id JOIN shop_product p ON p.id = l.product_id
        LEFT JOIN (SELECT id AS sale FROM shop_purchase) sold ON sale = o.id
        WHERE o.customer_id = ANY(%s) AND o.status <> 'pending' AND p.kind = 'product' AND o.placed_at < %s
        GROUP BY o.customer_id, l.product_id
        HAVING sum(l.quantity) > 0 AND count(sale) FILTER (WHERE l.quantity > 0) > 0) AS ranked
    WHERE place <= %s ORDER BY customer_id, place"""


def latest_purchases(customer_ids: Sequence[int], limit: int, *, as_of: datetime) -> dict[int, list[Product]]:
    """The products these customers bought (and kept) before `as_of`, latest first, at most `limit` each. Two
    queries."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST_PURCHASES, [list(customer_ids), as_of, limit])
        rows = cursor.fetchall()
    products = Product.objects.in_bulk({product for _customer, product in rows})
    bought: dict[int, list[Product]] = {pk: [] for pk in customer_ids}
    for customer, product in rows:
        bought[customer].append(products[product])
    return bought


OWNED = """
    SELECT o.customer_id, l.product_id FROM shop_order o JOIN shop_orderline l ON l.order_id = o.id
    WHERE o.customer_id = ANY(%s) AND l.product_id = ANY(%s) AND o.status <> 'pending'
    GROUP BY o.customer_id, l.product_id HAVING sum(l.quantity) > 0"""


def owned(customer_ids: Iterable[int], product_ids: Iterable[int]) -> dict[int, set[int]]:
    """Which of these products each of these customers has and kept until now: what came
    in exchange for something dearer counts too, though it was no purchase. One query."""
    with connection.cursor() as cursor:
        cursor.execute(OWNED, [list(customer_ids), list(product_ids)])
        rows = cursor.fetchall()
    found: dict[int, set[int]] = {}
    for customer, product in rows:
        found.setdefault(customer, set()).add(product)
    return found


WITH_HISTORY = """
    SELECT customer_id FROM (
        SELECT o.customer_id FROM shop_order o JOIN shop_orderline l ON l.order_id = o.id
        JOIN shop_product p ON p.id = l.product_id
        LEFT JOIN (SELECT id AS sale FROM shop_purchase) sold ON sale = o.id
        WHERE o.customer_id = ANY(%(customers)s) AND o.status <> 'pending' AND p.kind = 'product'
          AND o.placed_at < coalesce(%(until)s, 'infinity'::timestamptz)
        GROUP BY o.customer_id, l.product_id
        HAVING sum(l.quantity) > 0 AND count(sale) FILTER (WHERE l.quantity > 0) > 0) AS bought
    UNION SELECT e.customer_id FROM shop_event e JOIN shop_product p ON p.id = e.product_id
    WHERE e.customer_id = ANY(%(customers)s) AND e.kind = ANY(%(kinds)s) AND p.kind = 'product'
      AND e.occurred_at < coalesce(%(until)s, 'infinity'::timestamptz)"""
SIGNALS = (Event.Kind.VIEW, Event.Kind.FAVOURITE, Event.Kind.SHARE, Event.Kind.CART)


def with_history(customer_ids: Sequence[int], *, until: datetime | None = None) -> set[int]:
    """Which of these customers bought and kept a product, or viewed, marked, shared or carted one, before
    `until` (by default until now): those that `interactions` learns from, consent aside. One query."""
    asked = {"customers": list(customer_ids), "until": until, "kinds": [str(kind) for kind in SIGNALS]}
    with connection.cursor() as cursor:
        cursor.execute(WITH_HISTORY, asked)
        return {customer for (customer,) in cursor.fetchall()}
