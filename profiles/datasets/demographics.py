"""Who customers are, for one purpose: to see whether predictions treat groups alike. No prediction is made
from this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from backoffice.bulk_copy import read_arrays
from profiles.datasets.features import attributes
from shop.calendar import day_of

COUNTRIES = 6  # the largest; the others are one group
AGES = {
    "<25": (0, 25),
    "25-34": (25, 35),
    "35-44": (35, 45),
    "45-54": (45, 55),
    "55-64": (55, 65),
    "65+": (65, 120),
}


@dataclass(frozen=True)
class DemographicGroup:
    """Some of the customers: `members` is a mask over them. `trait`: gender, age, income or
    country; `name`: women, men, "25-34", 1 to 3 (low to high income), or the country as it was recorded."""

    trait: str
    name: str
    members: NDArray[np.bool_]


def demographic_groups(*, as_of: datetime, ids: NDArray[np.int64]) -> list[DemographicGroup]:
    """The groups that the records of these customers (`ids` ascending) name; nobody is guessed to be in
    one."""
    countries = _largest_countries()
    found = read_arrays(
        f"""SELECT ({attributes.AGE})::float8, ({attributes.FEMALE})::float8, ({attributes.INCOME})::float8,
                   coalesce(array_position(%(countries)s::text[], country::text), 0)::bigint
            FROM shop_customer customer CROSS JOIN LATERAL {attributes.RECORD} WHERE id = ANY(%(ids)s)
                ORDER BY id""",  # noqa: S608 - texts of this app
        {"ids": ids.tolist(), "today": day_of(as_of), "countries": countries},
        {"age": float, "female": float, "income": float, "country": int},
    )
    return [group for group in _groups(found, countries) if group.members.any()]


def _groups(found: dict[str, NDArray[np.float64]], countries: list[str]) -> Iterator[DemographicGroup]:
    yield DemographicGroup("gender", "women", found["female"] == 1)
    yield DemographicGroup("gender", "men", found["female"] == 0)
    for name, (low, high) in AGES.items():
        yield DemographicGroup("age", name, (found["age"] >= low) & (found["age"] < high))
    for level, members in enumerate(_income_levels(found["income"]), start=1):
        yield DemographicGroup("income", str(level), members)
    for place, country in enumerate(countries, start=1):
        yield DemographicGroup("country", country, found["country"] == place)


def _income_levels(income: NDArray[np.float64]) -> list[NDArray[np.bool_]]:
    """Who has a low, middle and high income: as it was recorded, or thirds of the amounts that were."""
    known = income[np.isfinite(income)]
    low, high = np.quantile(known, [1 / 3, 2 / 3]) if known.size and known.max() > 3 else (1, 2)
    return [income <= low, (income > low) & (income <= high), (income > high) & np.isfinite(income)]


def _largest_countries() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT country FROM shop_customer WHERE country <> '' GROUP BY country ORDER BY count(*) DESC, "
            "country LIMIT %s",
            [COUNTRIES],
        )
        return [country for (country,) in cursor.fetchall()]
