"""Features of customers made comparable: money without giants, everything with unit variance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from profiles.algorithms.scaling import Scaler, outer_fence
from profiles.datasets.features import BY_KEY, CustomerFeatures, Feature


def plain_values(rows: CustomerFeatures, keys: list[str]) -> NDArray[np.float64]:
    """n x len(keys) in their own units; an amount of money above the outer fence counts as the fence (see
    `scaling.outer_fence`): one giant customer would make everybody else poor."""
    return np.column_stack(
        [
            _without_giants(rows.column(key)) if BY_KEY[key].unit == "money" else rows.column(key)
            for key in keys
        ]
    )


def _without_giants(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(amounts, outer_fence(amounts))


def standardised(values: NDArray[np.float64], features: list[Feature]) -> NDArray[np.float64]:
    """n x p with unit variance (zeros for constant features), for differences that can be compared with each
    other."""
    scaled = np.zeros_like(values)
    try:
        scaler = Scaler.fit(values, np.array([feature.skewed for feature in features]))
    except ValueError:
        return scaled
    scaled[:, scaler.kept] = scaler.transform(values)
    return scaled
