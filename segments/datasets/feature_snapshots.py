"""What the run in force knew of customers: a sample for pictures and judgements."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from profiles.datasets.features.statement import rows
from segments.models import SegmentRun


def feature_sample(run: SegmentRun, size: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(values n x p in the order of `run.estimator.features`, the group of each by its segment's place) of
    at most `size` customers, the first by id."""
    found = rows(
        """SELECT f.values, dense_rank() OVER (ORDER BY m.segment_id) - 1
           FROM (SELECT customer_id, values FROM segments_featuresnapshot
                 WHERE run_id = %(run)s ORDER BY customer_id LIMIT %(size)s) f
           JOIN segments_membership m ON m.run_id = %(run)s AND m.customer_id = f.customer_id
               ORDER BY f.customer_id""",
        {"run": run.pk, "size": size},
    )
    if not found:
        return np.zeros((0, len(run.estimator.features))), np.zeros(0, dtype=np.int64)
    return np.array([values for values, _place in found]), np.array(
        [place for _values, place in found], dtype=np.int64
    )
