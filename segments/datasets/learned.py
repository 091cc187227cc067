"""Who the examples of a plan are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from profiles.datasets.features.statement import rows
from segments.models import LearnedPlan

WINDOW = timedelta(
    days=90
)  # an outcome is learned from what was known before it, and it has so long to happen

OUTCOMES = {
    LearnedPlan.Source.RETURNED: "status = 'cancellation' GROUP BY customer_id",
    LearnedPlan.Source.COUPON: "status = 'paid' AND (discount > 0 OR coupon <> '') GROUP BY customer_id",
    LearnedPlan.Source.AGAIN: "status = 'paid' GROUP BY customer_id HAVING count(*) >= 2",
}


def example_ids(plan: LearnedPlan, *, as_of: datetime) -> NDArray[np.int64]:
    """The customers on the list, in the segment, or to whom it happened in the WINDOW before `as_of`;
    ascending."""
    match plan.source:
        case LearnedPlan.Source.LIST:
            ids: QuerySet[Any, int] = plan.examples.order_by("customer_id").values_list(
                "customer_id", flat=True
            )
        case LearnedPlan.Source.SEGMENT:
            assert plan.segment is not None  # noqa: S101 - a constraint of the table
            ids = plan.segment.members().order_by("pk").values_list("pk", flat=True)
        case outcome:
            found = rows(
                f"""SELECT customer_id FROM shop_order WHERE customer_id IS NOT NULL
                    AND placed_at >= %(since)s
                    AND placed_at < %(until)s AND {OUTCOMES[LearnedPlan.Source(outcome)]}
                        ORDER BY customer_id""",  # noqa: S608 - a text of this file
                {"since": as_of - WINDOW, "until": as_of},
            )
            return np.array([pk for (pk,) in found], dtype=np.int64)
    return np.fromiter(ids.iterator(chunk_size=50_000), dtype=np.int64)
