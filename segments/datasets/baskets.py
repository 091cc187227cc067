"""Baskets and what people looked at, as parallel arrays of numbers with the names behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from backoffice.copying import read_arrays
from segments.datasets.features.statement import rows

LOOK_BACK = timedelta(days=365)
LATER = timedelta(days=30)
MOST_THINGS = 5_000


@dataclass(frozen=True)
class Baskets:
    """`basket` and `item` are parallel (one entry for each thing in each order); `names[item]` says what it
    is."""

    basket: NDArray[np.int64]
    item: NDArray[np.int64]
    names: list[str]


@dataclass(frozen=True)
class Looks:
    """Parallel: a person looked at a category and bought of another (or the same) one within LATER; -1:
    bought nothing."""

    person: NDArray[np.int64]
    viewed: NDArray[np.int64]
    bought: NDArray[np.int64]
    names: list[str]


def category_baskets(*, as_of: datetime) -> Baskets:
    names = _categories()
    found = read_arrays(
        """SELECT DISTINCT order_id::bigint, (array_position(%(names)s::text[], category::text) - 1)::bigint
           FROM shop_orderline line JOIN shop_order o ON o.id = order_id JOIN shop_product p ON p.id = product_id
           WHERE status = 'paid' AND quantity > 0 AND placed_at >= %(since)s AND placed_at < %(as_of)s AND category = ANY(%(names)s)
           ORDER BY 1, 2""",
        {"names": names, "since": as_of - LOOK_BACK, "as_of": as_of},
        {"basket": int, "item": int},
    )
    return Baskets(found["basket"], found["item"], names)


def product_baskets(*, as_of: datetime) -> Baskets:
    """The MOST_THINGS products that most orders hold."""
    params = {"since": as_of - LOOK_BACK, "as_of": as_of, "most": MOST_THINGS}
    things = rows(
        """SELECT product_id, coalesce(nullif(title, ''), sku) FROM (
               SELECT product_id, count(*) AS n FROM shop_orderline line JOIN shop_order o ON o.id = order_id
               WHERE status = 'paid' AND quantity > 0 AND placed_at >= %(since)s AND placed_at < %(as_of)s
               GROUP BY product_id ORDER BY n DESC, product_id LIMIT %(most)s
           ) sold JOIN shop_product ON id = product_id ORDER BY n DESC, product_id""",
        params,
    )
    found = read_arrays(
        """SELECT DISTINCT order_id::bigint, (array_position(%(ids)s::bigint[], product_id) - 1)::bigint
           FROM shop_orderline line JOIN shop_order o ON o.id = order_id
           WHERE status = 'paid' AND quantity > 0 AND placed_at >= %(since)s AND placed_at < %(as_of)s
           AND product_id = ANY(%(ids)s::bigint[]) ORDER BY 1, 2""",
        params | {"ids": [pk for pk, _title in things]},
        {"basket": int, "item": int},
    )
    return Baskets(found["basket"], found["item"], [title for _pk, title in things])


def looks(*, as_of: datetime) -> Looks:
    """What people looked at in the half year before the last LATER, and what they bought within LATER after
    the first look."""
    names = _categories()
    found = read_arrays(
        """WITH looked AS (
               SELECT customer_id, category, min(occurred_at) AS at FROM shop_event e JOIN shop_product p ON p.id = product_id
               WHERE e.kind = 'view' AND customer_id IS NOT NULL AND category = ANY(%(names)s)
               AND occurred_at >= %(since)s AND occurred_at < %(until)s GROUP BY customer_id, category
           ), bought AS (
               SELECT customer_id, category, placed_at FROM shop_order o JOIN shop_orderline ON order_id = o.id
               JOIN shop_product p ON p.id = product_id
               WHERE status = 'paid' AND quantity > 0 AND customer_id IS NOT NULL AND category = ANY(%(names)s)
               AND placed_at >= %(since)s AND placed_at < %(as_of)s
           )
           SELECT DISTINCT looked.customer_id::bigint, (array_position(%(names)s::text[], looked.category::text) - 1)::bigint,
                  coalesce(array_position(%(names)s::text[], bought.category::text) - 1, -1)::bigint
           FROM looked LEFT JOIN bought ON bought.customer_id = looked.customer_id AND placed_at > at AND placed_at < at + %(later)s
           ORDER BY 1, 2, 3""",
        {
            "names": names,
            "since": as_of - LATER - timedelta(days=180),
            "until": as_of - LATER,
            "as_of": as_of,
            "later": LATER,
        },
        {"person": int, "viewed": int, "bought": int},
    )
    return Looks(found["person"], found["viewed"], found["bought"], names)


def _categories() -> list[str]:
    found = rows(
        "SELECT category FROM shop_product WHERE category <> '' GROUP BY category ORDER BY count(*) DESC, "
        "category LIMIT %(most)s",
        {"most": MOST_THINGS},
    )
    return [category for (category,) in found]
