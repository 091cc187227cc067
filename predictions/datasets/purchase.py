"""After which silence a customer of this shop counts as churned."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

# round numbers that a person can say, and whose windows other predictions share
CHURN_DAYS = (30, 60, 90, 120, 180, 365)
QUIET_SHARE = 0.9
GAPS = """
SELECT percentile_cont(%s) WITHIN GROUP (ORDER BY extract(epoch FROM gap) / 86400) FROM (
    SELECT placed_at - lag(placed_at) OVER (PARTITION BY customer_id ORDER BY placed_at) AS gap
    FROM shop_purchase WHERE customer_id IS NOT NULL AND placed_at < %s) gaps
WHERE gap >= interval '1 day'
"""


def churn_days(*, as_of: datetime) -> int:
    """After how many days without an order a customer counts as churned: QUIET_SHARE of all repeat orders
    before `as_of` came sooner.

    Rounded up to one of CHURN_DAYS; the shortest where nobody has ordered again yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(GAPS, [QUIET_SHARE, as_of])
        ((days,),) = cursor.fetchall()
    return next((rounded for rounded in CHURN_DAYS if (days or 0) <= rounded), CHURN_DAYS[-1])
