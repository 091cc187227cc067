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

OUTCOMES = {  # the rows to look through, which of them count, and how many it takes
    LearnedPlan.Source.RETURNED: (
        "shop_orderline JOIN shop_order o ON o.id = order_id AND status <> 'pending'",
        "quantity < 0 OR amount < 0",
        1,
    ),
    LearnedPlan.Source.COUPON: ("shop_purchase", "discount > 0 OR coupon <> ''", 1),
    LearnedPlan.Source.AGAIN: ("shop_purchase", "true", 2),
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
            source, counts, times = OUTCOMES[LearnedPlan.Source(outcome)]
            found = rows(
                f"""SELECT customer_id FROM {source} WHERE customer_id IS NOT NULL
                    AND placed_at >= %(since)s AND placed_at < %(until)s AND ({counts})
                    GROUP BY customer_id HAVING count(*) >= {times}
                    ORDER BY customer_id""",  # noqa: S608 - a text of this file
                {"since": as_of - WINDOW, "until": as_of},
            )
            return np.array([pk for (pk,) in found], dtype=np.int64)
    return np.fromiter(ids.iterator(chunk_size=50_000), dtype=np.int64)
