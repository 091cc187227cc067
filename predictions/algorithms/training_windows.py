"""One earlier moment: what was known of customers then, and whether they did it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TrainingWindow:
    """`values`: n x p, NaN where nothing is known; `outcome`: n zeros and ones."""

    values: Array
    outcome: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", without_infinity(self.values))


def without_infinity(values: Array) -> Array:
    """The same with NaN where a value is not finite."""
    return np.where(np.isfinite(values), values, np.nan)


def joined(windows: Sequence[TrainingWindow]) -> TrainingWindow:
    """All rows of `windows` as one."""
    return TrainingWindow(
        np.concatenate([window.values for window in windows]),
        np.concatenate([window.outcome for window in windows]),
    )
