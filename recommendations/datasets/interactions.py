"""Tables -> arrays: who bought and looked at what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Max, Min
from scipy.sparse import csr_matrix

from backoffice.bulk_copy import read_arrays
from recommendations.datasets.offers import may_be_offered
from shop.models import Event, Order, Product

Array = np.ndarray[Any, Any]

WEIGHTS = {Event.Kind.VIEW: 1, Event.Kind.FAVOURITE: 2, Event.Kind.SHARE: 2, Event.Kind.CART: 3}
PURCHASE_WEIGHT = (
    5  # each order that holds the product; purchases are read from orders, which returns correct
)
POPULAR_WINDOW = timedelta(days=90)
BEGINNING = datetime.fromisoformat("1900-01-01T00:00:00+00:00")

PURCHASES = """
    SELECT o.customer_id, l.product_id, sum(l.quantity) > 0 AS bought, count(*) FILTER (WHERE l.quantity > 0) AS times
    FROM shop_orderline l JOIN shop_order o ON o.id = l.order_id JOIN shop_product p ON p.id = l.product_id
    WHERE o.customer_id IS NOT NULL AND o.status <> 'pending' AND p.kind = 'product'
      AND o.placed_at >= %s AND o.placed_at < %s
    GROUP BY o.customer_id, l.product_id"""
SIGNAL_KINDS = ", ".join(f"'{kind}'" for kind in WEIGHTS)
SIGNAL_WEIGHTS = " ".join(f"WHEN '{kind}' THEN {weight}" for kind, weight in WEIGHTS.items())
# S608 below: what is put in are the constants above
# One pass: lines and signals are summed together, because grouping each of them first cost as much as the sum
INTERACTIONS = f"""
    WITH facts AS (
        SELECT o.customer_id, l.product_id, l.quantity, (l.quantity > 0)::int AS times, 0 AS signal
        FROM shop_orderline l JOIN shop_order o ON o.id = l.order_id
        WHERE o.customer_id IS NOT NULL AND o.status <> 'pending' AND o.placed_at >= %s AND o.placed_at < %s
        UNION ALL
        SELECT customer_id, product_id, 0, 0, CASE kind {SIGNAL_WEIGHTS} END FROM shop_event
        WHERE customer_id IS NOT NULL AND product_id IS NOT NULL AND kind IN ({SIGNAL_KINDS})
          AND occurred_at >= %s AND occurred_at < %s
    ), cells AS (
        SELECT customer_id, product_id, sum(quantity) > 0 AS bought,
               CASE WHEN sum(quantity) > 0 THEN sum(times) * {PURCHASE_WEIGHT} ELSE 0 END + sum(signal) AS weight
        FROM facts WHERE product_id NOT IN (SELECT id FROM shop_product WHERE kind <> 'product') GROUP BY customer_id, product_id
    )
    SELECT customer_id, product_id, ln(1 + weight)::real, bought FROM cells
    WHERE weight > 0 AND NOT EXISTS (SELECT FROM shop_unprofiled said_no WHERE said_no.customer_id = cells.customer_id)"""  # noqa: S608
POPULAR = f"""
    SELECT product_id FROM ({PURCHASES}) AS purchases WHERE bought
    GROUP BY product_id ORDER BY count(*) DESC, sum(times) DESC, product_id"""  # noqa: S608


@dataclass(frozen=True)
class Interactions:
    """What customers did with products.

    `confidence` (customers, products), float32: ln(1 + 5 x orders holding the product, if some were kept, + 1
    x views + 2 x favourites and shares + 3 x times added to the cart). The logarithm keeps a wholesale
    customer's hundredth order from outweighing everybody else's taste. `bought`: for each stored cell, in the
    order of `confidence.data`, whether the product was bought and kept. `customers`, `products`: primary keys
    of rows and columns, ascending.
    """

    confidence: csr_matrix
    bought: Array
    customers: Array
    products: Array

    @property
    def purchases(self) -> csr_matrix:
        """Like `confidence`, with the cells of bought products only."""
        kept = csr_matrix(
            (self.bought.astype(np.float32), self.confidence.indices, self.confidence.indptr),
            self.confidence.shape,
            copy=True,
        )
        kept.eliminate_zeros()
        return kept


def interactions(*, as_of: datetime, since: datetime = BEGINNING) -> Interactions:
    """What happened from `since` until before `as_of`: one query, cancellations and returns netted within
    that time, guests, content and who said no to personalisation left out."""
    columns = {"customer": int, "product": int, "weight": np.float32, "bought": bool}
    rows = read_arrays(INTERACTIONS, [since, as_of, since, as_of], columns)
    customers, row = _numbered(rows["customer"])
    products, column = _numbered(rows["product"])
    order = np.argsort(row * len(products) + column)
    starts = np.concatenate(([0], np.bincount(row, minlength=len(customers)).cumsum())).astype(np.int32)
    confidence = csr_matrix(
        (rows["weight"][order], column[order].astype(np.int32), starts), (len(customers), len(products))
    )
    return Interactions(confidence, rows["bought"][order], customers, products)


def _numbered(keys: Array) -> tuple[Array, Array]:
    """The distinct primary keys, ascending, and the place of each of `keys` among them. Keys are dense: a
    table of all up to the largest is a tenth of the work of sorting them."""
    if not len(keys):
        return keys, keys
    known = np.zeros(keys.max() + 1, bool)
    known[keys] = True
    return np.flatnonzero(known), (np.cumsum(known) - 1)[keys]


def popular_products(*, as_of: datetime) -> Array:
    """Primary keys of products by the number of customers who bought them in the 90 days up to the last order
    before `as_of`, most first; empty without orders."""
    span = order_span(as_of=as_of)
    if span is None:
        return np.empty(0, np.int64)
    with connection.cursor() as cursor:
        cursor.execute(POPULAR, [span[1] - POPULAR_WINDOW, as_of])
        return np.array([product for (product,) in cursor.fetchall()], np.int64)


def order_span(*, as_of: datetime) -> tuple[datetime, datetime] | None:
    """When the first and the last order of known customers before `as_of` were placed; None without any."""
    orders = Order.objects.until(as_of).filter(customer__isnull=False)
    span = orders.aggregate(first=Min("placed_at"), last=Max("placed_at"))
    return (span["first"], span["last"]) if span["last"] else None


@dataclass(frozen=True)
class HeldOut:
    """A time split. `known`: everything before it. `relevant` (customers, products of `known`): what they
    bought after it for the first time. Customers and products first seen after it are beyond every method and
    left out."""

    known: Interactions
    relevant: csr_matrix


def held_out(*, split: datetime, as_of: datetime) -> HeldOut:
    """Facts before `split`, and the new purchases from `split` until before `as_of`."""
    known = interactions(as_of=split)
    later = interactions(as_of=as_of, since=split)
    cells = later.purchases.tocoo()
    row = _position(known.customers, later.customers[cells.row])
    column = _position(known.products, later.products[cells.col])
    both = (row >= 0) & (column >= 0)
    relevant = csr_matrix(
        (np.ones(both.sum(), np.float32), (row[both], column[both])), known.confidence.shape
    )
    relevant = csr_matrix(relevant - relevant.multiply(known.purchases))
    relevant.eliminate_zeros()
    return HeldOut(known, relevant)


def _position(vocabulary: Array, values: Array) -> Array:
    """Where each value stands in the ascending vocabulary, -1 where it does not."""
    if not len(vocabulary):
        return np.full(len(values), -1)
    at = np.searchsorted(vocabulary, values).clip(max=len(vocabulary) - 1)
    return np.where(vocabulary[at] == values, at, -1)


def offerable_products() -> Array:
    """Primary keys of what may be offered now, ascending. Stock has no history, hence no `as_of`."""
    return np.array(
        Product.objects.filter(may_be_offered()).order_by("pk").values_list("pk", flat=True), np.int64
    )
