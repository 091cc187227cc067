"""Customers to look at: few of them, and as different as can be."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def most_different(lists: Array, count: int) -> Array:
    """Positions of up to `count` lists (customers, k) of product numbers that share the fewest products:
    farthest-first traversal, the emptiest overlap first (Gonzalez 1985); negative numbers pad. Of equals the
    first."""
    if not len(lists):
        return np.empty(0, np.int64)
    chosen: list[int] = []
    nearest = np.full(len(lists), -1.0)
    for _step in range(min(count, len(lists))):
        chosen.append(int(nearest.argmin()))
        latest = lists[chosen[-1]]
        shared = (np.isin(lists, latest[latest >= 0])).mean(axis=1)
        nearest = np.maximum(nearest, shared)
        nearest[chosen] = np.inf
    return np.array(chosen, np.int64)
