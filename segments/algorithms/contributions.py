"""Why a customer is in a group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rival(point: NDArray[np.float64], centres: NDArray[np.float64], group: int) -> int:
    """The next best group: the nearest of k x p `centres` to `point` but for that of `group`."""
    distances = ((centres - point) ** 2).sum(axis=1)
    distances[group] = np.inf
    return int(distances.argmin())


def contributions(
    point: NDArray[np.float64], centres: NDArray[np.float64], group: int
) -> NDArray[np.float64]:
    """How much each of p columns speaks for `group` rather than for the next best group.

    k-means compares squared distances; their difference is a sum over columns, (x - c_next)^2 - (x -
    c_group)^2, so the shares are exact. `point`: p, scaled; `centres`: k x p. Positive entries speak for the
    group.
    """
    next_best = centres[rival(point, centres, group)]
    return np.asarray((point - next_best) ** 2 - (point - centres[group]) ** 2)
