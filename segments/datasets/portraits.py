"""Portraits of segments: profile, tastes, products and a map, each by one statement over the live counters
and the orders.

`Crowd` keeps what all portraits of one job share: how everybody is; who bought what is in temporary tables of
the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from profiles.datasets.features import BY_KEY
from profiles.datasets.fences import fence_of
from profiles.models import CustomerCounters
from segments.models import (
    BuyerSample,
    CategoryShare,
    FeatureProfile,
    PortraitMap,
    ProductLift,
    ProductLifts,
    Profile,
    Segment,
)
from shop.currency import shop_currency

PRODUCTS_WINDOW = timedelta(days=365)
PRODUCTS_SHOWN = 8
CATEGORIES_SHOWN = 8
FEWEST_BUYERS = 5  # of a product within a segment: below, a high lift is chance
SAMPLED = 400  # customers on each side of the map
CONSTANT = 1e-9  # a smaller deviation is rounding: everybody is alike
MEMBERS_ONLY = "JOIN portrait_member USING (customer_id)"


MONEY = [key for key in CustomerCounters.COUNTED if BY_KEY[key].unit == "money"]


def _expressions(most: Mapping[str, float]) -> dict[str, str]:
    """The SQL of each live feature, in its own unit, money up to `most`; days since something are NULL where
    it never happened."""
    moments = {
        key: f"extract(epoch FROM %(as_of)s - k.{column}) / 86400"
        for key, column in CustomerCounters.MOMENTS.items()
    }
    money = {key: f"least(k.{key}, {limit!r})" for key, limit in most.items()}
    return {
        key: (moments | money).get(key, f"k.{key}")
        for key in BY_KEY
        if key in moments or key in CustomerCounters.COUNTED
    }


@dataclass(frozen=True)
class Crowd:
    """Everybody, for comparison. `means` and `deviations`: of the features on the scale on which they are
    compared (the logarithm of skewed ones); `plain`: means in their own units; `most`: of the features in
    money, what a customer counts for at most."""

    as_of: datetime
    currency: str
    people: int
    plain: dict[str, float]
    means: dict[str, float]
    deviations: dict[str, float]
    spent: dict[str, float]
    most: dict[str, float]


def gather_crowd(*, as_of: datetime) -> Crowd:
    """Prepare the temporary tables (they live until the transaction ends) and describe everybody."""
    currency = shop_currency(as_of)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS portrait_bought, portrait_spent, portrait_member")
        cursor.execute(
            """CREATE TEMP TABLE portrait_bought ON COMMIT DROP AS
            SELECT DISTINCT customer_id, product_id FROM shop_purchase o JOIN shop_orderline line
                ON line.order_id = o.id
            WHERE customer_id IS NOT NULL AND placed_at >= %s AND placed_at < %s""",
            [as_of - PRODUCTS_WINDOW, as_of],
        )
        cursor.execute(
            """CREATE TEMP TABLE portrait_spent ON COMMIT DROP AS
            SELECT customer_id, category, sum(amount) AS amount
            FROM shop_order o JOIN shop_orderline line ON line.order_id = o.id JOIN shop_product p
                ON p.id = product_id
            WHERE customer_id IS NOT NULL AND placed_at < %s AND o.currency = %s AND status <> 'pending'
                AND category <> ''
            GROUP BY customer_id, category""",
            [as_of, currency],
        )
        cursor.execute("CREATE TEMP TABLE portrait_member (customer_id bigint PRIMARY KEY) ON COMMIT DROP")
        cursor.execute("ANALYZE portrait_bought, portrait_spent")
        cursor.execute("SELECT count(*) FROM profiles_customercounters")
        ((people,),) = cursor.fetchall()
    fences = {key: _rows(fence_of(key, "profiles_customercounters"))[0][0] for key in MONEY}
    most = {key: fence for key, fence in fences.items() if fence is not None}
    rows = _features(as_of, "", most)
    spent = dict(
        _rows("SELECT category, sum(amount)::float8 FROM portrait_spent GROUP BY category ORDER BY 2 DESC, 1")
    )
    return Crowd(
        as_of,
        currency,
        people,
        plain={key: row[0] for key, row in rows.items()},
        means={key: row[1] for key, row in rows.items()},
        deviations={key: row[2] for key, row in rows.items()},
        spent=dict(list(spent.items())[:CATEGORIES_SHOWN]),
        most=most,
    )


def choose_members(segment: Segment) -> int:
    """Make the segment's members the ones that the next questions are about; returns how many they are."""
    statement, params = segment.members().order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE portrait_member")
        cursor.execute(f"INSERT INTO portrait_member {statement} ON CONFLICT DO NOTHING", params)
        size = cursor.rowcount
        cursor.execute("ANALYZE portrait_member")
    return size


def profile_of_members(crowd: Crowd) -> Profile:
    """Means in their own units against everybody, and the standardised mean difference (Cohen's d with the
    deviation of all)."""
    own = _features(crowd.as_of, MEMBERS_ONLY, crowd.most)
    features = [
        FeatureProfile(key, mean, crowd.plain[key], _difference(crowd, key, scaled))
        for key, (mean, scaled, _deviation) in own.items()
        if mean is not None and crowd.plain[key] is not None
    ]
    spent = dict(
        _rows(
            "SELECT category, sum(amount)::float8 FROM portrait_spent JOIN portrait_member USING "
            "(customer_id) GROUP BY category"
        )
    )
    return Profile(tuple(features), _shares(spent, crowd.spent))


def _difference(crowd: Crowd, key: str, scaled: float) -> float:
    deviation = crowd.deviations[key]
    return (scaled - crowd.means[key]) / deviation if deviation > CONSTANT else 0.0


def _shares(spent: dict[str, float], everybody: dict[str, float]) -> tuple[CategoryShare, ...]:
    """Of the categories that earn most; a category with more returns than sales counts as nothing."""
    own = {category: max(spent.get(category, 0.0), 0.0) for category in everybody}
    total, overall = sum(own.values()), sum(max(amount, 0.0) for amount in everybody.values())
    return tuple(
        CategoryShare(
            category,
            own[category] / total if total else 0.0,
            max(everybody[category], 0.0) / overall if overall else 0.0,
        )
        for category in everybody
    )


def _features(as_of: datetime, join: str, most: Mapping[str, float]) -> dict[str, tuple[Any, Any, Any]]:
    """{feature: (mean, mean and standard deviation on the compared scale)}."""
    columns = []
    expressions = _expressions(most)
    for key, expression in expressions.items():
        compared = f"ln(1 + greatest({expression}, 0))" if BY_KEY[key].skewed else expression
        columns += [
            f"avg({expression})::float8",
            f"avg({compared})::float8",
            f"stddev_pop({compared})::float8",
        ]
    (values,) = _rows(
        f"SELECT {', '.join(columns)} FROM profiles_customercounters k {join}",  # noqa: S608 - ours
        {"as_of": as_of},
    )
    return {
        key: (values[3 * i], values[3 * i + 1], values[3 * i + 2] or 0.0) for i, key in enumerate(expressions)
    }


def products_of_members(crowd: Crowd, size: int) -> ProductLifts:
    """The products that members buy more than others, by lift: the share of members who bought it in the last
    year over the share of everybody, above 1. Products with fewer than FEWEST_BUYERS buyers, or 2 % of the
    segment, are left out."""
    found = _rows(
        """
        SELECT own.product_id, own.buyers, everybody.buyers FROM (
            SELECT product_id, count(*) AS buyers FROM portrait_bought JOIN portrait_member
                USING (customer_id)
            GROUP BY product_id
        ) AS own
        JOIN (SELECT product_id, count(*) AS buyers FROM portrait_bought GROUP BY product_id) AS everybody
            USING (product_id)
        WHERE own.buyers >= %(fewest)s
            AND own.buyers * %(people)s::float8 > everybody.buyers * %(size)s::float8
        ORDER BY own.buyers::float8 / everybody.buyers DESC, own.buyers DESC, own.product_id LIMIT %(most)s
        """,
        {
            "fewest": max(FEWEST_BUYERS, round(0.02 * size)),
            "most": PRODUCTS_SHOWN,
            "people": crowd.people,
            "size": size,
        },
    )
    people = max(crowd.people, 1)
    return ProductLifts(
        tuple(
            ProductLift(product, buyers, buyers / size, overall / people, buyers / size / (overall / people))
            for product, buyers, overall in found
        )
    )


def picture_of_members(crowd: Crowd) -> PortraitMap:
    """Samples of buyers, the same for the same customers."""
    return PortraitMap(everybody=_sample(crowd, ""), members=_sample(crowd, MEMBERS_ONLY))


def _sample(crowd: Crowd, join: str) -> BuyerSample:
    found = _rows(
        f"""SELECT round(extract(epoch FROM %(as_of)s - last_order_at) / 86400)::int, round(monetary)::float8
            FROM profiles_customercounters k {join} WHERE frequency > 0
            ORDER BY hashint8(customer_id), customer_id LIMIT %(sampled)s""",  # noqa: S608 - ours
        {"as_of": crowd.as_of, "sampled": SAMPLED},
    )
    return BuyerSample(tuple(days for days, _spent in found), tuple(spent for _days, spent in found))


def _rows(statement: str, params: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()
