"""Customers as rows of numbers: the catalogue of features, the one statement that computes them, and
cleaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from backoffice.bulk_copy import read_arrays
from profiles.datasets.features.catalogue import (
    BROWSING_WINDOW,
    BY_KEY,
    CATALOGUE,
    SHARE,
    TOPICS,
    Feature,
    all_features,
    category_features,
    own_feature,
    own_rows,
)
from profiles.datasets.features.quality import DataQuality, Gap
from profiles.datasets.features.statement import features_statement, person, rows
from shop.currency import shop_currency

__all__ = [
    "BROWSING_WINDOW",
    "BY_KEY",
    "CATALOGUE",
    "SHARE",
    "TOPICS",
    "CustomerFeatures",
    "DataQuality",
    "Feature",
    "Gap",
    "all_features",
    "customer_features",
    "features_statement",
    "fill_gaps",
    "person",
    "top_categories",
]
CATEGORIES_SHOWN = 8


@dataclass(frozen=True)
class CustomerFeatures:
    """`values` has one row for each customer in `ids` (ascending) and one column for each of `keys`; the last
    are the shares that `categories` took. Customers who never bought have frequency 0 and recency and tenure
    0. What is not known of somebody is filled (see `fill_gaps`) and counted in `quality`."""

    ids: NDArray[np.int64]
    keys: list[str]
    values: NDArray[np.float64]
    categories: list[str]
    currency: str
    quality: DataQuality

    def column(self, key: str) -> NDArray[np.float64]:
        return self.values[:, self.keys.index(key)]

    @property
    def shares(self) -> NDArray[np.float64]:
        """What each of `categories` took of the money spent in all of them. Shape (n, categories)."""
        return self.values[:, len(self.keys) - len(self.categories) :]

    @property
    def buyers(self) -> NDArray[np.bool_]:
        return self.column("frequency") > 0

    def only(self, rows: NDArray[np.bool_]) -> CustomerFeatures:
        return CustomerFeatures(
            self.ids[rows], self.keys, self.values[rows], self.categories, self.currency, self.quality
        )


def top_categories(as_of: datetime, currency: str) -> list[str]:
    """The categories that earned most before `as_of`, at most CATEGORIES_SHOWN."""
    found = rows(
        """SELECT category FROM shop_orderline line JOIN shop_order o ON o.id = order_id
           JOIN shop_product p ON p.id = product_id
           WHERE placed_at < %(as_of)s AND o.currency = %(currency)s AND status <> 'pending'
             AND category <> ''
           GROUP BY category ORDER BY sum(amount) DESC, category LIMIT %(limit)s""",
        {"as_of": as_of, "currency": currency, "limit": CATEGORIES_SHOWN},
    )
    return [category for (category,) in found]


def customer_features(
    *,
    as_of: datetime,
    currency: str | None = None,
    categories: list[str] | None = None,
    among: Sequence[int] | None = None,
) -> CustomerFeatures:
    """What was known of every customer at `as_of`: nothing that happened at that moment or later is read.

    Money is in `currency`, the shop's main one (see `shop_currency`) by default; orders in another count as
    orders, not as money. `categories` are those that earned most by then by default. `among` as in
    `features_statement`: what was left out is then not counted in `quality`.
    """
    if currency is None:
        currency = shop_currency(as_of)
    if categories is None:
        categories = top_categories(as_of, currency)
    places = range(len(categories))
    own = own_rows()
    query, params = features_statement(
        as_of=as_of, currency=currency, categories=categories, own=own, among=among
    )
    recorded = [*CATALOGUE, *map(own_feature, own)]
    names = [feature.key for feature in recorded]
    columns = read_arrays(
        query, params, {"id": int} | dict.fromkeys(names, float) | {f"c{i}": float for i in places}
    )
    filled = {feature.key: fill_gaps(columns[feature.key], feature) for feature in recorded}
    gaps = {
        key: Gap(column.missing, column.unusable, column.filled_with)
        for key, column in filled.items()
        if column.missing or column.unusable
    }
    shares = {feature.key: columns[f"c{i}"] for i, feature in enumerate(category_features(categories))}
    known = {key: column.values for key, column in filled.items()} | shares
    return CustomerFeatures(
        ids=columns["id"],
        keys=list(known),
        values=np.column_stack(list(known.values())),
        categories=categories,
        currency=currency,
        quality=(
            DataQuality(gaps=gaps)
            if among is not None
            else _quality(as_of, currency, people=len(columns["id"]), gaps=gaps)
        ),
    )


@dataclass(frozen=True)
class Filled:
    """A column without gaps, and how many there were: `missing` not recorded, `unusable` recorded but
    unreadable or impossible."""

    values: NDArray[np.float64]
    missing: int
    unusable: int
    filled_with: float


def fill_gaps(values: NDArray[np.float64], feature: Feature) -> Filled:
    """Gaps get the median of what is known, in shares the mean (the median of yes and no is one of them); 0
    when nothing is."""
    if not feature.optional:
        return Filled(values, 0, 0, 0.0)
    low, high = feature.bounds
    missing = np.isnan(values)
    usable = np.isfinite(values) & (values >= low) & (values <= high)
    middle = 0.0
    if usable.any():
        middle = float(values[usable].mean() if feature.unit == "share" else np.median(values[usable]))
    return Filled(
        np.where(usable, values, middle), int(missing.sum()), int((~usable & ~missing).sum()), middle
    )


def _quality(as_of: datetime, currency: str, *, people: int, gaps: dict[str, Gap]) -> DataQuality:
    """What was left out, in numbers, so that the page can say it."""
    ((customers, duplicates, unprofiled, guests, other_currency),) = rows(
        """WITH opted_out AS (SELECT customer_id AS id FROM shop_unprofiled)
           SELECT (SELECT count(*) FROM shop_customer),
                  (SELECT count(*) - count(DISTINCT lower(email)) FROM shop_customer
                   WHERE email <> '' AND id NOT IN (SELECT id FROM opted_out)),
                  (SELECT count(*) FROM opted_out),
                  count(*) FILTER (WHERE customer_id IS NULL),
                  count(*) FILTER (WHERE currency <> %(currency)s)
           FROM shop_order WHERE placed_at < %(as_of)s""",
        {"as_of": as_of, "currency": currency},
    )
    return DataQuality(
        customers=customers,
        people=people,
        duplicates=duplicates,
        unprofiled=unprofiled,
        guest_orders=guests,
        orders_in_other_currencies=other_currency,
        gaps=gaps,
    )
