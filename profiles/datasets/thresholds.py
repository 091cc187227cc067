"""Where this shop's own customers draw the lines: the figures that the segments out of the box start from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

# Of one-off buyers no rhythm is known; of the others it is the mean gap between two orders.
QUANTILES = """
SELECT count(*) FILTER (WHERE frequency > 0),
       percentile_disc(0.8) WITHIN GROUP (ORDER BY monetary) FILTER (WHERE frequency > 0),
       percentile_disc(0.75) WITHIN GROUP (ORDER BY frequency) FILTER (WHERE frequency > 0),
       percentile_disc(0.75) WITHIN GROUP (ORDER BY average_order_value) FILTER (WHERE frequency > 0),
       percentile_disc(0.75) WITHIN GROUP (
           ORDER BY extract(epoch FROM last_order_at - first_order_at) / 86400 / (frequency - 1))
           FILTER (WHERE frequency > 1 AND last_order_at > first_order_at),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY visits) FILTER (WHERE visits > 0)
FROM profiles_customercounters WHERE counted_at <= %(as_of)s
"""


@dataclass(frozen=True)
class Thresholds:
    """`buyers`: customers with an order. `much`: money that a fifth of them reached, in the shop's currency;
    `often`: orders that a quarter reached; `large_order`: average order value that a quarter reached;
    `interval`: days within which three of four returning customers come back; `visits`: the median visits of
    those who visited. Rounded to what a person would choose."""

    buyers: int
    much: float
    often: int
    large_order: float
    interval: int
    visits: int


def shop_thresholds(*, as_of: datetime) -> Thresholds:
    """From the live counters; figures that the data do not give are cautious guesses (60 days, 3 orders, 3
    visits)."""
    with connection.cursor() as cursor:
        cursor.execute(QUANTILES, {"as_of": as_of})
        ((buyers, much, often, large_order, interval, visits),) = cursor.fetchall()
    return Thresholds(
        buyers=buyers,
        much=_two_digits(much),
        often=max(int(often or 0), 3),
        large_order=_two_digits(large_order),
        interval=max(5 * round(float(interval or 60) / 5), 10),
        visits=max(int(visits or 0), 3),
    )


def _two_digits(value: Any) -> float:
    """1234.5 -> 1200: the rule is read by people."""
    return float(f"{max(float(value or 0), 1):.2g}")
