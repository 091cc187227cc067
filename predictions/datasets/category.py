"""The category of each customer's next order."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from backoffice.bulk_copy import read_arrays
from profiles.datasets.features import person


def next_categories(
    *, as_of: datetime, until: datetime, ids: NDArray[np.int64], categories: list[str]
) -> NDArray[np.int64]:
    """For each of `ids` (ascending) the place in `categories` of what took most money in the next order
    before `until`; -1 for another category or no order."""
    found = read_arrays(
        f"""WITH {person()}, next_order AS (
                SELECT DISTINCT ON (person) person, o.id FROM shop_purchase o JOIN person
                    ON person.id = customer_id
                WHERE placed_at >= %(as_of)s AND placed_at < %(until)s ORDER BY person,
                    placed_at, o.id
            )
            SELECT DISTINCT ON (person) person::bigint, (array_position(%(categories)s::text[],
                category::text) - 1)::bigint
            FROM next_order JOIN shop_orderline line ON order_id = next_order.id JOIN shop_product p
                ON p.id = product_id
            WHERE category = ANY(%(categories)s::text[])
            GROUP BY person, category ORDER BY person, sum(amount) DESC, category""",  # noqa: S608 - ours
        {"as_of": as_of, "until": until, "categories": categories},
        {"id": int, "category": int},
    )
    outcome = np.full(len(ids), -1)
    known = np.isin(found["id"], ids)
    outcome[np.searchsorted(ids, found["id"][known])] = found["category"][known]
    return outcome
