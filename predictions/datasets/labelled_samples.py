"""What was known of customers at a moment, and what they did afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from backoffice.bulk_copy import read_arrays
from profiles.datasets.features import BY_KEY, Feature, customer_features, person

Array = NDArray[np.float64]
NEVER = 1e9  # days: longer than any window

RHYTHM = [
    Feature(
        "gap",
        _("Days between orders"),
        "days",
        _("Mean days from one order to the next; unknown below two orders."),
    ),
    Feature(
        "overdue",
        _("Silence against own rhythm"),
        "number",
        _("Days since the last order, divided by those between orders."),
    ),
    Feature("orders_30", _("Orders in the last 30 days"), "count", _("Paid orders in the 30 days before.")),
    Feature("orders_90", _("Orders in the last 90 days"), "count", _("Paid orders in the 90 days before.")),
    Feature(
        "orders_365", _("Orders in the last 12 months"), "count", _("Paid orders in the 365 days before.")
    ),
    Feature(
        "last_visit",
        _("Days since last visit"),
        "days",
        _("Days since the last event; unknown after 180 days without one."),
        topic="browsing",
    ),
    Feature(
        "visits_14",
        _("Visits in the last 14 days"),
        "count",
        _("Browsing sessions in the 14 days before."),
        topic="browsing",
    ),
    Feature(
        "carts_30",
        _("Put in the cart in the last 30 days"),
        "count",
        _("Times something was put in the cart."),
        topic="browsing",
    ),
]
FEATURES = BY_KEY | {feature.key: feature for feature in RHYTHM}
# What somebody did. Who they are (age, gender, income, place) decides nothing; attributes have no history
# besides, so that today's would tell the past of the future.
TOPICS = ("purchases", "browsing")
UNKNOWN_WITHOUT_ORDER = (
    "recency",
    "tenure",
    "average_order_value",
    "discount_share",
    "return_rate",
    "items_per_order",
    "price_tier",
)


@dataclass(frozen=True)
class LabelledSample:
    """`values`: a row for each person in `ids` (ascending), a column for each of `keys`, known strictly
    before `as_of`, NaN where nothing is known. `next_order`: days from `as_of` to the next paid order, NEVER
    where none followed in time."""

    as_of: datetime
    ids: NDArray[np.int64]
    keys: list[str]
    values: Array
    next_order: Array
    categories: list[str]
    shares: Array
    currency: str

    def column(self, key: str) -> Array:
        return self.values[:, self.keys.index(key)]

    def with_columns(self, keys: list[str]) -> LabelledSample:
        """The same with these columns alone."""
        columns = [self.keys.index(key) for key in keys]
        return replace(self, keys=keys, values=self.values[:, columns])

    def only(self, rows: NDArray[Any]) -> LabelledSample:
        return replace(
            self,
            ids=self.ids[rows],
            values=self.values[rows],
            next_order=self.next_order[rows],
            shares=self.shares[rows],
        )


AROUND = """
WITH {person}, ordered AS (
    SELECT person,
           count(*) FILTER (WHERE placed_at >= %(as_of)s - interval '30 days' AND placed_at < %(as_of)s)
               AS orders_30,
           count(*) FILTER (WHERE placed_at >= %(as_of)s - interval '90 days' AND placed_at < %(as_of)s)
               AS orders_90,
           count(*) FILTER (WHERE placed_at >= %(as_of)s - interval '365 days' AND placed_at < %(as_of)s)
               AS orders_365,
           min(placed_at) FILTER (WHERE placed_at >= %(as_of)s) AS next_at
    FROM shop_purchase JOIN person ON person.id = customer_id
    WHERE placed_at >= %(as_of)s - interval '365 days' AND placed_at < %(until)s {among}
    GROUP BY person
), visited AS (
    SELECT person, max(occurred_at) AS last_at,
           count(DISTINCT session_id) FILTER (
               WHERE session_id <> '' AND occurred_at >= %(as_of)s - interval '14 days') AS visits_14,
           count(*) FILTER (WHERE occurred_at >= %(as_of)s - interval '30 days' AND kind = 'cart') AS carts_30
    FROM shop_event JOIN person ON person.id = customer_id
    WHERE occurred_at >= %(as_of)s - interval '180 days' AND occurred_at < %(as_of)s {among} GROUP BY person
)
SELECT person.id::bigint,
       coalesce(orders_30, 0)::float8, coalesce(orders_90, 0)::float8, coalesce(orders_365, 0)::float8,
       coalesce(extract(epoch FROM %(as_of)s - last_at) / 86400, 'NaN')::float8,
       coalesce(visits_14, 0)::float8, coalesce(carts_30, 0)::float8,
       coalesce(extract(epoch FROM next_at - %(as_of)s) / 86400, %(never)s)::float8
FROM person LEFT JOIN ordered ON ordered.person = person.id LEFT JOIN visited ON visited.person = person.id
WHERE person.id = person.person ORDER BY person.id
"""


def labelled_sample(
    *, as_of: datetime, until: datetime, like: LabelledSample | None = None, among: list[int] | None = None
) -> LabelledSample:
    """Everybody as known before `as_of`; orders from `as_of` to before `until` are read for `next_order` and
    for nothing else.

    `like` lends its currency and categories: both then speak of the same. `among` restricts it to these
    customers; name everybody who shares an address with one of them, too.
    """
    known = customer_features(
        as_of=as_of,
        currency=like.currency if like else None,
        categories=like.categories if like else None,
        among=among,
    )
    usable = [key for key in known.keys if key in BY_KEY and BY_KEY[key].topic in TOPICS]
    names = ["orders_30", "orders_90", "orders_365", "last_visit", "visits_14", "carts_30", "next_order"]
    around = read_arrays(
        AROUND.format(
            person=person(among), among="" if among is None else "AND customer_id = ANY(%(among)s)"
        ),
        {"as_of": as_of, "until": max(until, as_of), "never": NEVER, "among": among},
        {"id": int} | dict.fromkeys(names, float),
    )
    place = np.searchsorted(known.ids, around["id"])
    if len(known.ids) != len(place) or not (known.ids[place] == around["id"]).all():
        raise RuntimeError("Customers changed while they were read: run again.")
    values = {key: known.column(key).copy() for key in usable} | around
    for key in UNKNOWN_WITHOUT_ORDER:
        values[key][~known.buyers] = np.nan
    values["gap"], values["overdue"] = _rhythm(values)
    keys = [*usable, *(feature.key for feature in RHYTHM)]
    return LabelledSample(
        as_of,
        known.ids,
        keys,
        np.column_stack([values[key] for key in keys]),
        around["next_order"],
        known.categories,
        known.shares,
        known.currency,
    )


def sampled(*, as_of: datetime, size: int, seed: int) -> list[int] | None:
    """For `labelled_sample`'s `among`: the records of `size` people known before `as_of`, drawn with `seed`;
    None: no more are."""
    known = read_arrays(
        f"WITH {person()} SELECT id::bigint, person::bigint FROM person ORDER BY id",  # noqa: S608 - ours
        {"as_of": as_of},
        {"id": int, "person": int},
    )
    people = np.unique(known["person"])
    if len(people) <= size:
        return None
    drawn = np.random.default_rng(seed).choice(people, size, replace=False)
    records: list[int] = known["id"][np.isin(known["person"], drawn)].tolist()
    return records


def _rhythm(values: dict[str, Array]) -> tuple[Array, Array]:
    """Mean days between orders, and today's silence as a multiple of it (of at least a day)."""
    again = values["frequency"] > 1
    span = np.maximum(values["tenure"] - values["recency"], 0)
    gap = np.where(again, span / np.maximum(values["frequency"] - 1, 1), np.nan)
    return gap, values["recency"] / np.maximum(gap, 1)
