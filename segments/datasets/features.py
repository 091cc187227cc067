"""Customers as rows of numbers. Every feature is defined once, in CATALOGUE; one statement computes them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from backoffice.copying import read_arrays

BROWSING_WINDOW = timedelta(days=180)
CATEGORIES_SHOWN = 8


@dataclass(frozen=True)
class Feature:
    """One thing known of a customer. `unit`: days, count, money, minutes or share; `clusters`: whether grouping uses it;
    `skewed`: spread over orders of magnitude, so that its logarithm is what is compared; `family`: features that say much the
    same, of which a reason names one."""

    key: str
    title: Any
    unit: str
    definition: Any
    clusters: bool = True
    skewed: bool = True
    family: str = ""


CATALOGUE = [
    Feature("recency", _("Days since last order"), "days", _("Days from the last paid order to the day of the run.")),
    Feature("frequency", _("Orders"), "count", _("Number of paid orders; cancellations do not count.")),
    Feature("monetary", _("Money spent"), "money", _("Sum of all order lines less returns and cancellations.")),
    Feature("average_order_value", _("Average order value"), "money", _("Money spent divided by the number of orders.")),
    Feature("tenure", _("Days since first order"), "days", _("Days from the first paid order to the day of the run.")),
    Feature(
        "discount_share", _("Orders with a discount"), "share", _("Share of paid orders with a coupon or a discount."),
        skewed=False,
    ),
    Feature("visits", _("Visits"), "count", _("Browsing sessions in the last 180 days."), family="browsing"),
    Feature("page_views", _("Page views"), "count", _("Pages and products viewed in the last 180 days."), family="browsing"),
    Feature("dwell", _("Minutes on the site"), "minutes", _("Time spent on pages in the last 180 days."), family="browsing"),
]
BY_KEY = {feature.key: feature for feature in CATALOGUE}


@dataclass(frozen=True)
class CustomerFeatures:
    """`values` has one row for each customer in `ids` (ascending) and one column for each of `keys`; `shares` has the part of the
    positive revenue that each of `categories` took. Customers who never bought have frequency 0 and recency and tenure 0."""

    ids: NDArray[np.int64]
    keys: list[str]
    values: NDArray[np.float64]
    categories: list[str]
    shares: NDArray[np.float64]
    currency: str
    quality: dict[str, int]

    def column(self, key: str) -> NDArray[np.float64]:
        return self.values[:, self.keys.index(key)]

    @property
    def buyers(self) -> NDArray[np.bool_]:
        return self.column("frequency") > 0

    def only(self, rows: NDArray[np.bool_]) -> CustomerFeatures:
        return CustomerFeatures(
            self.ids[rows], self.keys, self.values[rows], self.categories, self.shares[rows], self.currency, self.quality
        )


def shop_currency(as_of: datetime) -> str:
    """The currency most orders before `as_of` use; "" in an empty shop. Amounts in others are never added to it."""
    rows = _rows(
        "SELECT currency FROM shop_order WHERE placed_at < %(as_of)s GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1",
        {"as_of": as_of},
    )
    return rows[0][0] if rows else ""


def top_categories(as_of: datetime, currency: str) -> list[str]:
    """The categories that earned most before `as_of`, at most CATEGORIES_SHOWN."""
    rows = _rows(
        """SELECT category FROM shop_orderline line JOIN shop_order o ON o.id = order_id JOIN shop_product p ON p.id = product_id
           WHERE placed_at < %(as_of)s AND o.currency = %(currency)s AND category <> ''
           GROUP BY category ORDER BY sum(amount) DESC, category LIMIT %(limit)s""",
        {"as_of": as_of, "currency": currency, "limit": CATEGORIES_SHOWN},
    )
    return [category for (category,) in rows]


PERSON = """person AS (  -- customers who share an email address are one person: the oldest record stands for all
    SELECT id, CASE WHEN email = '' THEN id ELSE min(id) OVER (PARTITION BY lower(nullif(email, '')), email = '') END AS person
    FROM shop_customer WHERE (created_at < %(as_of)s OR EXISTS (
        SELECT FROM shop_order o WHERE o.customer_id = shop_customer.id AND placed_at < %(as_of)s)) {among_people}
)"""
FEATURES = "WITH " + PERSON + """, basket AS (
    SELECT o.customer_id, o.id, o.status, o.placed_at, (o.discount > 0 OR o.coupon <> '') AS discounted,
           sum(line.amount) FILTER (WHERE o.currency = %(currency)s) AS total {category_sums}
    FROM shop_order o JOIN shop_orderline line ON line.order_id = o.id {category_join}
    WHERE o.customer_id IS NOT NULL AND o.placed_at < %(as_of)s AND o.status <> 'pending' {among_rows}
    GROUP BY o.id
), bought AS (
    SELECT person, count(*) FILTER (WHERE paid) AS frequency, max(placed_at) FILTER (WHERE paid) AS last,
           min(placed_at) FILTER (WHERE paid) AS first, coalesce(sum(total), 0) AS monetary,
           count(*) FILTER (WHERE paid AND discounted) AS discounted {category_totals}
    FROM (SELECT *, status = 'paid' AND coalesce(total, 1) > 0 AS paid FROM basket) basket
    JOIN person ON person.id = customer_id GROUP BY person
), session AS (  -- first by customer and session: counting distinct sessions would sort all events
    SELECT customer_id, session_id, count(*) FILTER (WHERE kind IN ('view', 'page')) AS page_views, sum(dwell_seconds) AS dwell
    FROM shop_event
    WHERE occurred_at >= %(browsing_since)s AND occurred_at < %(as_of)s AND customer_id IS NOT NULL {among_rows}
    GROUP BY customer_id, session_id
), browsed AS (
    SELECT person, count(DISTINCT session_id) FILTER (WHERE session_id <> '') AS visits,
           sum(page_views) AS page_views, coalesce(sum(dwell), 0) / 60.0 AS dwell
    FROM session JOIN person ON person.id = customer_id GROUP BY person
)
SELECT person.id::bigint,
       coalesce(extract(epoch FROM %(as_of)s - last) / 86400, 0)::float8 AS recency,
       coalesce(frequency, 0)::float8 AS frequency,
       coalesce(monetary, 0)::float8 AS monetary,
       coalesce(monetary / nullif(frequency, 0), 0)::float8 AS average_order_value,
       coalesce(extract(epoch FROM %(as_of)s - first) / 86400, 0)::float8 AS tenure,
       coalesce(discounted::float8 / nullif(frequency, 0), 0)::float8 AS discount_share,
       coalesce(visits, 0)::float8 AS visits, coalesce(page_views, 0)::float8 AS page_views,
       coalesce(dwell, 0)::float8 AS dwell {category_columns}
FROM person LEFT JOIN bought ON bought.person = person.id LEFT JOIN browsed ON browsed.person = person.id
WHERE person.id = person.person ORDER BY person.id
"""


def features_statement(
    *, as_of: datetime, currency: str, categories: Sequence[str] = (), among: Sequence[int] | None = None
) -> tuple[str, dict[str, Any]]:
    """The one definition of the catalogue: a SELECT of `id`, a column named by each key (double precision), and `c0`, `c1`, ... the
    money spent in each of `categories`; with its parameters. One row a person, ordered by id.

    `among` restricts it to these customers; name everybody who shares an address with one of them, too.
    """
    places = range(len(categories))
    query = FEATURES.format(
        category_join="JOIN shop_product product ON product.id = line.product_id" if categories else "",
        category_sums="".join(
            f", sum(line.amount) FILTER (WHERE product.category = %(category_{i})s AND o.currency = %(currency)s) AS c{i}"
            for i in places
        ),
        category_totals="".join(f", greatest(coalesce(sum(c{i}), 0), 0) AS c{i}" for i in places),
        category_columns="".join(f", coalesce(c{i}, 0)::float8 AS c{i}" for i in places),
        among_people="" if among is None else "AND id = ANY(%(among)s)",
        among_rows="" if among is None else "AND customer_id = ANY(%(among)s)",
    )
    return query, {
        "as_of": as_of, "browsing_since": as_of - BROWSING_WINDOW, "currency": currency,
        **{f"category_{i}": category for i, category in enumerate(categories)},
        **({} if among is None else {"among": list(among)}),
    }


def customer_features(*, as_of: datetime) -> CustomerFeatures:
    """What was known of every customer at `as_of`: nothing that happened at that moment or later is read.

    Money is in the shop's main currency (see `shop_currency`); orders in another currency count as orders, not as money.
    """
    currency = shop_currency(as_of)
    categories = top_categories(as_of, currency)
    places = range(len(categories))
    query, params = features_statement(as_of=as_of, currency=currency, categories=categories)
    keys = [feature.key for feature in CATALOGUE]
    columns = read_arrays(query, params, {"id": int} | dict.fromkeys(keys, float) | {f"c{i}": float for i in places})
    spent = np.column_stack([columns[f"c{i}"] for i in places]) if categories else np.zeros((len(columns["id"]), 0))
    total = spent.sum(axis=1, keepdims=True)
    return CustomerFeatures(
        ids=columns["id"], keys=keys, values=np.column_stack([columns[key] for key in keys]), categories=categories,
        shares=np.divide(spent, total, out=np.zeros_like(spent), where=total > 0), currency=currency,
        quality=_quality(as_of, len(columns["id"]), currency),
    )


def _quality(as_of: datetime, people: int, currency: str) -> dict[str, int]:
    """What was left out, in numbers, so that the page can say it."""
    ((customers, duplicates, guests, other_currency),) = _rows(
        """SELECT (SELECT count(*) FROM shop_customer),
                  (SELECT count(*) - count(DISTINCT lower(email)) FROM shop_customer WHERE email <> ''),
                  count(*) FILTER (WHERE customer_id IS NULL), count(*) FILTER (WHERE currency <> %(currency)s)
           FROM shop_order WHERE placed_at < %(as_of)s""",
        {"as_of": as_of, "currency": currency},
    )
    return {
        "customers": customers, "people": people, "duplicates": duplicates, "guest_orders": guests,
        "orders_in_other_currencies": other_currency,
    }


def _rows(query: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()
