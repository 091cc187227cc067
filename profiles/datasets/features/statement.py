"""One statement computes all features of everybody, or of a few customers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from profiles.datasets.features import attributes
from profiles.datasets.features.catalogue import BROWSING_WINDOW, CATALOGUE, category_features, own_feature
from profiles.models import CustomFeature
from shop.calendar import day_of

# Customers who share an email address are one person: the oldest record stands for all.
_PERSON = """person AS (
    SELECT id, CASE WHEN email = '' THEN id
                    ELSE min(id) OVER (PARTITION BY lower(nullif(email, '')), email = '') END AS person
    FROM shop_customer WHERE (created_at < %(as_of)s OR EXISTS (
        SELECT FROM shop_order o WHERE o.customer_id = shop_customer.id
            AND placed_at < %(as_of)s)) {among_people}
    AND NOT EXISTS (SELECT FROM shop_unprofiled opted_out  -- of all records of a person
        WHERE opted_out.customer_id = shop_customer.id {among_words})
)"""
_EVERYBODY = {"among_people": "", "among_words": "", "among_rows": ""}
_AMONG = {
    "among_people": "AND id = ANY(%(among)s)",
    "among_words": "AND opted_out.customer_id = ANY(%(among)s)",
    "among_rows": "AND customer_id = ANY(%(among)s)",
}
FEATURES = (
    "WITH "  # noqa: S608 - our own texts
    + _PERSON
    + """, product AS (  -- where each stands by price within its category
    SELECT id, array_position(%(categories)s::text[], category::text) AS place,
        CASE WHEN price IS NOT NULL THEN
        percent_rank() OVER (PARTITION BY category, price IS NULL ORDER BY price) END AS tier
    FROM shop_product
), basket AS (
    SELECT o.customer_id, o.id, o.placed_at, bool_or(sale IS NOT NULL) AS paid,
           (o.discount > 0 OR o.coupon <> '') AS discounted,
           sum(line.amount) FILTER (WHERE o.currency = %(currency)s) AS total, sum(line.quantity) AS pieces,
           sum(product.tier) AS tier, count(product.tier) AS tiered {category_sums}
    FROM shop_order o LEFT JOIN (SELECT id AS sale FROM shop_purchase) sold ON sale = o.id
    JOIN shop_orderline line ON line.order_id = o.id JOIN product ON product.id = line.product_id
    WHERE o.customer_id IS NOT NULL AND o.placed_at < %(as_of)s AND o.status <> 'pending' {among_rows}
    GROUP BY o.id
), bought AS (
    SELECT person, count(*) FILTER (WHERE paid) AS frequency, max(placed_at) FILTER (WHERE paid) AS last,
           min(placed_at) FILTER (WHERE paid) AS first, coalesce(sum(total), 0) AS monetary,
           count(*) FILTER (WHERE paid AND discounted) AS discounted,
           sum(pieces) FILTER (WHERE paid) AS pieces,
           sum(tier) FILTER (WHERE paid) AS tier, sum(tiered) FILTER (WHERE paid) AS tiered,
           sum(total) FILTER (WHERE total > 0) AS ordered, -sum(total) FILTER (WHERE total < 0) AS returned,
           {variety} AS variety {category_totals}
    FROM basket JOIN person ON person.id = customer_id GROUP BY person
), session AS (  -- first by customer and session: counting distinct sessions would sort all events
    SELECT customer_id, session_id, count(*) FILTER (WHERE kind IN ('view', 'page')) AS page_views,
           sum(dwell_seconds) AS dwell,
           count(*) FILTER (WHERE kind = 'search') AS searches,
           session_id <> '' AND bool_or(kind = 'cart') AND NOT bool_or(kind = 'purchase') AS abandoned
    FROM shop_event
    WHERE occurred_at >= %(browsing_since)s AND occurred_at < %(as_of)s AND customer_id IS NOT NULL
        {among_rows}
    GROUP BY customer_id, session_id
), browsed AS (
    SELECT person, count(DISTINCT session_id) FILTER (WHERE session_id <> '') AS visits,
           sum(page_views) AS page_views, coalesce(sum(dwell), 0) / 60.0 AS dwell, sum(searches) AS searches,
           count(*) FILTER (WHERE abandoned) AS abandoned
    FROM session JOIN person ON person.id = customer_id GROUP BY person
)
SELECT person.id::bigint, {columns} {category_columns}
FROM person JOIN shop_customer customer ON customer.id = person.id CROSS JOIN LATERAL {record}
LEFT JOIN bought ON bought.person = person.id LEFT JOIN browsed ON browsed.person = person.id
WHERE person.id = person.person ORDER BY person.id
"""
)


def person(among: Sequence[int] | None = None) -> str:
    """The common table `person`: `id` of every customer known before %(as_of)s who may be profiled, and
    `person`, the record that stands for them. `among` restricts it as in `features_statement`, and is then a
    parameter to pass."""
    return _PERSON.format(**_restricted(among))


def _restricted(among: Sequence[int] | None) -> dict[str, str]:
    return _EVERYBODY if among is None else _AMONG


def features_statement(
    *,
    as_of: datetime,
    currency: str,
    categories: Sequence[str] = (),
    among: Sequence[int] | None = None,
    own: Sequence[CustomFeature] = (),
    only: Collection[str] | None = None,
) -> tuple[str, dict[str, Any]]:
    """The one definition of the catalogue: a SELECT of `id`, a column named by each key (double precision),
    one for each of `own`, and `c0`, `c1`, ... the share of the money that each of `categories` took; with its
    parameters. One row a person, ordered by id.

    `among` restricts it to these customers; name everybody who shares an address with one of them, too.
    `only` leaves out the other features of the catalogue. What was not recorded is NaN, what cannot be read
    infinity.
    """
    places = range(len(categories))
    wanted = [feature for feature in CATALOGUE if only is None or feature.key in only]
    query = FEATURES.format(
        record=attributes.RECORD,
        columns=", ".join(
            f'({feature.source})::float8 AS "{feature.key}"' for feature in [*wanted, *map(own_feature, own)]
        ),
        # doubles: sums of ten numerics an order would not fit in memory
        category_sums="".join(
            f", sum(line.amount::float8) FILTER (WHERE product.place = {i + 1} AND o.currency = "
            f"%(currency)s) AS c{i}"
            for i in places
        ),
        category_totals="".join(f", greatest(coalesce(sum(c{i}), 0), 0) AS c{i}" for i in places),
        category_columns="".join(
            f", ({feature.source})::float8 AS c{i}" for i, feature in enumerate(category_features(categories))
        ),
        variety=" + ".join(f"(coalesce(sum(c{i}), 0) > 0)::int" for i in places) or "0",
        **_restricted(among),
    )
    return query, {
        "as_of": as_of,
        "today": day_of(as_of),
        "browsing_since": as_of - BROWSING_WINDOW,
        "currency": currency,
        "home": home_country() if only is None or "home_country" in only else "",
        "categories": list(categories),
        **{f"own_{row.pk}_attribute": row.attribute for row in own},
        **{f"own_{row.pk}_value": row.value for row in own},
        **({} if among is None else {"among": list(among)}),
    }


def home_country() -> str:
    """The country most customers live in; "" where none is known."""
    found = rows(
        "SELECT country FROM shop_customer WHERE country <> '' GROUP BY country ORDER BY count(*) DESC, "
        "country LIMIT 1",
        {},
    )
    return found[0][0] if found else ""


def rows(query: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()
