"""Predictions of different horizons do not contradict each other."""

from __future__ import annotations

import numpy as np

from predictions.actions.results import Array, Places, PredictionResult
from predictions.models import PredictionKind

LEAST_PACE = 0.1


class HorizonConsistency:
    """Who buys within a week buys within a month, and does not churn: each horizon is learned by itself, so a
    customer's probability may be below that of a shorter horizon, or hardly above it.

    It is raised to what is left after the shorter horizon, at LEAST_PACE of the pace until then at least:
    with p for d days, at least 1 - (1 - p)^(1 + LEAST_PACE (D - d) / d) for D days. A longer time is more
    likely, unless the shorter one is impossible. The probability of churn is lowered to what that leaves.
    """

    HORIZONS = (PredictionKind.BUYS_7, PredictionKind.BUYS_30, PredictionKind.BUYS_90)

    def __init__(self) -> None:
        self.ids: Places = np.zeros(0, np.int64)
        self.known: dict[int, Array] = {}  # days -> the probability of each of `ids`

    def begin(self, result: PredictionResult) -> None:
        """`result` is next; horizons come in ascending order."""
        if result.kind not in self.HORIZONS:
            return
        if not np.array_equal(self.ids, result.ids):
            self.ids, self.known = result.ids, {}
        self.known[result.horizon_days] = np.zeros(len(result.ids))

    def adjust(self, result: PredictionResult, part: slice, values: Array) -> Array:
        """`values` of the customers `result.ids[part]`, so that they contradict no earlier prediction."""
        if result.kind in self.HORIZONS:
            values = np.maximum(values, self._least(result, part))
            self.known[result.horizon_days][part] = values
        elif result.kind == PredictionKind.CHURN:
            values = np.minimum(values, 1 - self._least(result, part))
        return values

    def _least(self, result: PredictionResult, part: slice) -> Array:
        """How probable a purchase within `result.horizon_days` is at least; 0 for customers without a
        prediction for a shorter time."""
        ids = result.ids[part]
        days = max((known for known in self.known if known < result.horizon_days), default=0)
        if not days or not len(self.ids):
            return np.zeros(len(ids))
        place = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        shorter = np.where(self.ids[place] == ids, self.known[days][place], 0.0)
        longer = 1 + LEAST_PACE * (result.horizon_days - days) / days
        return np.asarray(-np.expm1(longer * np.log1p(-shorter)))
