"""Tables -> arrays: who bought and viewed what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from backoffice.bulk_copy import read_arrays
from recommendations.algorithms.interactions import Interactions
from recommendations.datasets.offerable import may_be_offered
from shop.models import Event, Order, Product

Array = np.ndarray[Any, Any]

WEIGHTS = {Event.Kind.VIEW: 1, Event.Kind.FAVOURITE: 2, Event.Kind.SHARE: 2, Event.Kind.CART: 3}
PURCHASE_WEIGHT = 5  # each order that holds the product; read from orders, which returns correct
POPULAR_WINDOW = timedelta(days=90)
BEGINNING = datetime.fromisoformat("1900-01-01T00:00:00+00:00")
SIGNAL_KINDS = ", ".join(f"'{kind}'" for kind in WEIGHTS)
SIGNAL_WEIGHTS = " ".join(f"WHEN '{kind}' THEN {weight}" for kind, weight in WEIGHTS.items())

# One pass: lines and signals are summed together, because grouping each of them first cost as much as the sum
INTERACTIONS = f"""
    WITH facts AS (
        SELECT o.customer_id, l.product_id, l.quantity,
               (l.quantity > 0 AND sale IS NOT NULL)::int AS times, 0 AS signal
        FROM shop_orderline l JOIN shop_order o ON o.id = l.order_id
        LEFT JOIN (SELECT id AS sale FROM shop_purchase) sold ON sale = o.id
        WHERE o.customer_id IS NOT NULL AND o.status <> 'pending' AND o.placed_at >= %s AND o.placed_at < %s
        UNION ALL
        SELECT customer_id, product_id, 0, 0, CASE kind {SIGNAL_WEIGHTS} END FROM shop_event
        WHERE customer_id IS NOT NULL AND product_id IS NOT NULL AND kind IN ({SIGNAL_KINDS})
          AND occurred_at >= %s AND occurred_at < %s
    ), cells AS (
        SELECT customer_id, product_id, sum(quantity) > 0 AND sum(times) > 0 AS bought,
               CASE WHEN sum(quantity) > 0 THEN sum(times) * {PURCHASE_WEIGHT} ELSE 0 END + sum(signal)
                   AS weight
        FROM facts WHERE product_id NOT IN (SELECT id FROM shop_product WHERE kind <> 'product')
        GROUP BY customer_id, product_id
    )
    SELECT customer_id, product_id, ln(1 + weight)::real, bought FROM cells
    WHERE weight > 0 AND NOT EXISTS (
        SELECT FROM shop_unprofiled opted_out WHERE opted_out.customer_id = cells.customer_id)
"""  # noqa: S608 - what is put in are the constants above
RECENT_PURCHASES = """
    SELECT product_id, count(*), sum(times)::bigint, sum(exp(-days / 30.0))::double precision FROM (
        SELECT o.customer_id, l.product_id, count(sale) FILTER (WHERE l.quantity > 0) AS times,
               extract(epoch FROM %s - max(o.placed_at) FILTER (WHERE l.quantity > 0 AND sale IS NOT NULL))
                   / 86400 AS days
        FROM shop_orderline l
        JOIN shop_order o ON o.id = l.order_id JOIN shop_product p ON p.id = l.product_id
        LEFT JOIN (SELECT id AS sale FROM shop_purchase) sold ON sale = o.id
        WHERE o.customer_id IS NOT NULL AND o.status <> 'pending' AND p.kind = 'product'
          AND o.placed_at >= %s AND o.placed_at < %s
        GROUP BY o.customer_id, l.product_id
        HAVING sum(l.quantity) > 0 AND count(sale) FILTER (WHERE l.quantity > 0) > 0
    ) AS bought
    GROUP BY product_id"""


def interactions(*, as_of: datetime, since: datetime = BEGINNING) -> Interactions:
    """What happened from `since` until before `as_of`.

    Confidence is ln(1 + 5 x orders holding the product, if some were kept, + 1 x views + 2 x favourites and
    shares + 3 x times added to the cart). The logarithm keeps a wholesale customer's hundredth order from
    outweighing everybody else's taste. What is a purchase, the view `shop_purchase`
    says; cancellations and returns are netted within the time; guests, content
    and customers who opted out of personalisation are left out. Recent purchases are those of the 90 days up
    to the last order, of everybody: they are counts, and derive nothing about a person.
    """
    columns = {"customer": int, "product": int, "weight": np.float32, "bought": bool}
    cells = read_arrays(INTERACTIONS, [since, as_of, since, as_of], columns)
    recent = _recent_purchases(as_of)
    customers, row = _numbered(cells["customer"])
    products, column = _numbered(np.concatenate([cells["product"], recent["product"]]))
    column, recent_column = np.split(column, [len(row)])
    order = np.argsort(row * len(products) + column)
    starts = np.concatenate(([0], np.bincount(row, minlength=len(customers)).cumsum())).astype(np.int32)
    confidence = csr_matrix(
        (cells["weight"][order], column[order].astype(np.int32), starts), (len(customers), len(products))
    )
    recent_buyers, recent_orders = (np.zeros(len(products), np.int64) for _ in range(2))
    recent_buyers[recent_column] = recent["buyers"]
    recent_orders[recent_column] = recent["orders"]
    fading_buyers = np.zeros(len(products))
    fading_buyers[recent_column] = recent["fading"]
    return Interactions(
        confidence, cells["bought"][order], customers, products, recent_buyers, recent_orders, fading_buyers
    )


def _numbered(keys: Array) -> tuple[Array, Array]:
    """The distinct primary keys, ascending, and the place of each of `keys` among them. Keys are dense: a
    table of all up to the largest is a tenth of the work of sorting them."""
    if not len(keys):
        return keys, keys
    known = np.zeros(keys.max() + 1, bool)
    known[keys] = True
    return np.flatnonzero(known), (np.cumsum(known) - 1)[keys]


def _recent_purchases(as_of: datetime) -> dict[str, Array]:
    """ "product", "buyers", "orders" and "fading" (buyers, each worth exp(-days since / 30)) of the 90 days
    up to the last order before `as_of`."""
    columns = {"product": int, "buyers": int, "orders": int, "fading": float}
    span = order_span(as_of=as_of)
    if span is None:
        return {name: np.empty(0, np.int64) for name in columns}
    return read_arrays(RECENT_PURCHASES, [span[1], span[1] - POPULAR_WINDOW, as_of], columns)


def order_span(*, as_of: datetime) -> tuple[datetime, datetime] | None:
    """When the first and the last purchase of known customers before `as_of` were; None without any."""
    sales = Order.objects.sales().until(as_of).filter(customer__isnull=False).order_by("placed_at")
    times = sales.values_list("placed_at", flat=True)
    first, last = times.first(), times.last()
    return (first, last) if first and last else None


def offerable_products() -> Array:
    """Primary keys of what may be offered now, ascending. Stock has no history, hence no `as_of`."""
    products = Product.objects.filter(may_be_offered()).order_by("pk")
    return np.array(products.values_list("pk", flat=True), np.int64)
