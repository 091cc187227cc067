"""Planted customers for estimators: the more lately and often they bought, the likelier they buy again."""

from __future__ import annotations

import numpy as np

from predictions.algorithms.estimators import Columns
from predictions.algorithms.training_windows import TrainingWindow

KEYS = ["recency", "frequency", "monetary", "tenure", "constant"]
COLUMNS = Columns(KEYS, np.array([True, True, True, True, False]), 30.0)


def planted_window(seed: int, n: int = 1500) -> TrainingWindow:
    """Customers who buy again the likelier the more lately and often they bought."""
    random = np.random.default_rng(seed)
    tenure = random.uniform(30, 400, n)
    frequency = 1.0 + random.poisson(random.gamma(1.0, 3.0, n))
    recency = tenure * np.where(frequency > 1, random.beta(1, 2, n), 1)
    chance = 1 / (1 + np.exp(2.2 * np.log1p(recency / 20) - 1.1 * np.log(frequency)))
    values = np.column_stack(
        [recency, frequency, frequency * random.gamma(4, 10, n), tenure, np.full(n, 7.0)]
    )
    return TrainingWindow(values, (random.random(n) < chance).astype(float))
