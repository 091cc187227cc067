"""Why a customer is in a group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def contributions(point: NDArray[np.float64], centres: NDArray[np.float64], group: int) -> NDArray[np.float64]:
    """How much each of p columns speaks for `group` rather than for the next best group.

    k-means compares squared distances; their difference is a sum over columns, (x - c_next)^2 - (x - c_group)^2, so the shares are
    exact. `point`: p, scaled; `centres`: k x p. Positive entries speak for the group.
    """
    distances = ((centres - point) ** 2).sum(axis=1)
    distances[group] = np.inf
    rival = int(distances.argmin())
    return np.asarray((point - centres[rival]) ** 2 - (point - centres[group]) ** 2)
