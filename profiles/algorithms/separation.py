"""How far apart groups of customers lie on each feature."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def group_means(
    points: NDArray[np.float64], labels: NDArray[np.int64], groups: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(groups x p means, eta squared of each of the p columns)."""
    size = np.bincount(labels, minlength=groups)
    sums = np.column_stack([np.bincount(labels, weights=column, minlength=groups) for column in points.T])
    means: NDArray[np.float64] = sums / np.maximum(size, 1)[:, None]
    apart: NDArray[np.float64] = (size[:, None] * (means - points.mean(axis=0)) ** 2).sum(axis=0)
    total = ((points - points.mean(axis=0)) ** 2).sum(axis=0)
    return means, np.divide(apart, total, out=np.zeros_like(apart), where=total > 1e-9)
