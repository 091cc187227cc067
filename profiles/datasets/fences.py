"""Above which an amount is no habit, in SQL: `algorithms.scaling.outer_fence` says the same of arrays."""

from __future__ import annotations


def fence_of(amount: str, rows: str) -> str:
    """A statement of one row with the fence of the column `amount` in `rows` as `most`, a number without a
    unit: that of the logarithms of what is above 0 (Tukey 1977, Exploratory Data Analysis: the upper quartile
    and three times the distance between the quartiles), at least ten medians, at most ten times what all but
    one in a hundred stay below. NULL without any amount."""
    quarters = {"lower": 0.25, "middle": 0.5, "upper": 0.75, "highest": 0.99}
    columns = ", ".join(
        f"percentile_cont({share}) WITHIN GROUP (ORDER BY ln({amount})) AS {name}"
        for name, share in quarters.items()
    )
    return (
        "SELECT least("  # noqa: S608 - texts of this app
        "greatest(exp(upper + 3 * (upper - lower)), 10 * exp(middle)), 10 * exp(highest))::float8 AS most "
        f"FROM (SELECT {columns} FROM {rows} WHERE {amount} > 0) quarters"
    )
