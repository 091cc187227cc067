"""What is on record about one customer, to tell it from what a run filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from profiles.datasets.features import BY_KEY, attributes
from profiles.datasets.features.statement import home_country, rows
from profiles.models import CustomFeature
from shop.calendar import day_of


def recorded_values(customer: int, keys: Sequence[str], *, as_of: datetime) -> dict[str, float]:
    """The features `keys` (optional ones: they are read from the customer's record alone) of one customer,
    days and years counted up to `as_of`. NaN where nothing is recorded, infinity where it cannot be read;
    empty when the customer is gone."""
    if not keys:
        return {}
    own = CustomFeature.objects.filter(key__in=keys)
    found = rows(
        f"""SELECT {", ".join(f"({BY_KEY[key].source})::float8" for key in keys)}
            FROM shop_customer customer CROSS JOIN LATERAL {attributes.RECORD}
                WHERE customer.id = %(customer)s""",  # noqa: S608 - ours
        {
            "customer": customer,
            "today": day_of(as_of),
            "home": home_country() if "home_country" in keys else "",
            **{f"own_{row.pk}_attribute": row.attribute for row in own},
            **{f"own_{row.pk}_value": row.value for row in own},
        },
    )
    return dict(zip(keys, found[0], strict=True)) if found else {}
