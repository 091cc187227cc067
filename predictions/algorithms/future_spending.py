"""What customers will spend in a time to come, learned from what others spent in the time before: gradient
boosted trees with a Poisson loss on how often, how lately and how much they bought. And what stands in where
nothing can be learned.

With that loss the predictions of those it was fitted on add up to what they spent.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingRegressor

from predictions.algorithms.feature_contributions import BoostedPaths, in_points, strongest
from predictions.algorithms.reasons import encode

Array = NDArray[np.float64]
FEWEST_ROWS = 150
LEAF = 40  # customers in a leaf at least


class FutureSpending(BaseEstimator):
    """`level_`: what every prediction is multiplied by, so that all add up to what is expected of all."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, values: Array, money: Array) -> Self:
        """`values`: n x p, NaN where nothing is known; `money`: what each spent afterwards. Raises ValueError
        for too few customers, or when nobody spent anything."""
        if len(money) < FEWEST_ROWS or not (money > 0).any():
            raise ValueError("Too few customers to learn from.")
        self.trees_: Any = HistGradientBoostingRegressor(
            loss="poisson",
            max_iter=120,
            learning_rate=0.06,
            max_leaf_nodes=8,
            min_samples_leaf=LEAF,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=self.seed,
        )
        self.known_ = np.flatnonzero(np.isfinite(values).any(axis=0))  # it cannot bin an empty column
        self.trees_.fit(values[:, self.known_], np.maximum(money, 0))
        self.paths_ = BoostedPaths.of(self.trees_, self.known_, values.shape[1])
        self.level_ = 1.0
        return self

    def predict(self, values: Array) -> Array:
        """Money of each customer. Shape (n,)."""
        return np.asarray(self.trees_.predict(values[:, self.known_]) * self.level_)

    def reasons(self, values: Array, most: int) -> Array:
        """The `most` strongest contributions to each prediction, encoded (see `reasons`)."""
        parts, base = self.paths_.contributions(values), self.paths_.base
        money = in_points(
            parts, base, base + parts.sum(axis=1), lambda score: np.asarray(np.exp(score) * self.level_)
        )
        typical = np.full(len(values), np.exp(base) * self.level_)
        return encode(*strongest(money, values, most), typical=typical)


def repeat_orders(frequency: Array, recency: Array, age: Array, horizon: float) -> Array:
    """How many orders to expect of each in the next `horizon` where too little is known to learn from: the
    shop's rate of coming back, with each one's own orders weighed in, and the less the longer they have been
    silent. Half an order is added to those seen (Jeffreys): nobody came back yet is not never. Shape (n,)."""
    rate = (frequency.sum() + 0.5) / max(age.sum(), horizon)
    own = (frequency + rate * horizon) / (age + horizon)
    return np.asarray(horizon * own * (recency + horizon) / (age + horizon))
