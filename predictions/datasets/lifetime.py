"""The purchase days of every buyer, and what returns leave of the money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from backoffice.bulk_copy import read_arrays
from profiles.datasets.features import person
from profiles.datasets.fences import fence_of
from shop.calendar import zone

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PurchaseHistories:
    """Purchase days (of the shop's calendar) of buyers, for `algorithms.lifetime`. All of shape (n,).

    `frequency` counts days with an order after the first, `recency` and `age` are in days. `value`: the
    mean amount of those later days, 0 without; `usual`: the mean amount of all `paid` days with an amount,
    the first among them; `scatter`: the sum of the squared distances of their amounts from that mean. In
    all three a day counts for no more than `cap`. `total` is what was paid as it was. Amounts are before
    returns.
    """

    ids: NDArray[np.int64]
    frequency: Array
    recency: Array
    age: Array
    value: Array
    usual: Array
    paid: Array
    scatter: Array
    total: Array
    cap: float


def purchase_histories(*, as_of: datetime, currency: str) -> PurchaseHistories:
    """Every person with a paid order before `as_of`; amounts in `currency` only.

    `cap` is the outer fence of the amounts (see `fences.fence_of`): one giant order is no habit.
    """
    names = ["frequency", "recency", "age", "value", "usual", "paid", "scatter", "total", "cap"]
    found = read_arrays(
        f"""WITH {person()}, day AS (
                SELECT person, date_trunc('day', placed_at, %(zone)s) AS at,
                       sum(amount) FILTER (WHERE currency = %(currency)s)::float8 AS amount
                FROM shop_purchase o JOIN person ON person.id = customer_id
                JOIN shop_orderline line ON order_id = o.id
                WHERE placed_at < %(as_of)s GROUP BY 1, 2
            ), cap AS ({fence_of("amount", "day")}), numbered AS (
                SELECT person, at, amount, CASE WHEN amount > most THEN most ELSE amount END AS capped,
                       min(at) OVER (PARTITION BY person) AS first FROM day CROSS JOIN cap)
            SELECT person::bigint, (count(*) - 1)::float8,
                   (extract(epoch FROM max(at) - first) / 86400)::float8,
                   (extract(epoch FROM date_trunc('day', %(as_of)s::timestamptz, %(zone)s) - first)
                    / 86400)::float8,
                   coalesce(avg(capped) FILTER (WHERE at > first), 0)::float8,
                   coalesce(avg(capped), 0)::float8, count(capped)::float8,
                   coalesce(var_pop(capped) * count(capped), 0)::float8, coalesce(sum(amount), 0)::float8,
                   coalesce((SELECT most FROM cap), 0)::float8
            FROM numbered GROUP BY person, first ORDER BY person""",  # noqa: S608 - texts of this app
        {"as_of": as_of, "currency": currency, "zone": zone().key},
        {"id": int} | dict.fromkeys(names, float),
    )
    cap = float(found.pop("cap").max(initial=0.0))
    return PurchaseHistories(found.pop("id"), **found, cap=cap)


def money_spent(*, ids: NDArray[np.int64], until: datetime, days: Sequence[float], currency: str) -> Array:
    """What each of `ids` (ascending) spent in the last of so many `days` before `until`, less returns; a
    column for each of `days`."""

    def since(back: float) -> str:
        return f"placed_at >= %(until)s - make_interval(secs => {86400 * float(back)})"

    columns = ", ".join(f"coalesce(sum(amount) FILTER (WHERE {since(back)}), 0)::float8" for back in days)
    names = [f"d{place}" for place in range(len(days))]
    found = read_arrays(
        f"""WITH {person()} SELECT person::bigint, {columns}
            FROM shop_order o JOIN person ON person.id = customer_id
            JOIN shop_orderline line ON order_id = o.id
            WHERE status <> 'pending' AND currency = %(currency)s AND placed_at < %(until)s
                AND {since(max(days))}
            GROUP BY person ORDER BY person""",  # noqa: S608 - texts and numbers of this app
        {"as_of": until, "until": until, "currency": currency},
        {"id": int} | dict.fromkeys(names, float),
    )
    spent = np.zeros((len(ids), len(days)))
    place = np.minimum(np.searchsorted(ids, found["id"]), max(len(ids) - 1, 0))
    same = ids[place] == found["id"] if len(ids) else np.zeros(len(place), dtype=bool)
    spent[place[same]] = np.column_stack([found[name] for name in names])[same]
    return spent


def kept_share(*, as_of: datetime, currency: str) -> float:
    """What remains of each unit of money sold, after returns and cancellations; from 0 to 1."""
    share = _scalar(
        """SELECT (sum(amount) / nullif(sum(amount) FILTER (WHERE sale IS NOT NULL), 0))::float8
           FROM shop_order o LEFT JOIN (SELECT id AS sale FROM shop_purchase) sold ON sale = o.id
           JOIN shop_orderline line ON order_id = o.id
           WHERE status <> 'pending' AND currency = %s AND placed_at < %s""",
        [currency, as_of],
    )
    return min(max(share, 0.0), 1.0) if share is not None else 1.0


def _scalar(query: str, params: list[Any]) -> Any:
    """The one value that `query` selects."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()[0]
