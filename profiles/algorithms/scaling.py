"""Cleaning and scaling: from features in their own units to columns that weigh alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLIP_AT = 0.005  # the share at each end that is pulled in: one giant buyer must not be a group of one
LIMIT = 3.0  # standard deviations


@dataclass(frozen=True)
class StoredScaler:
    """A `Scaler` as plain numbers, one of each kept column."""

    kept: tuple[int, ...] = ()
    skewed: tuple[bool, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()


@dataclass(frozen=True)
class Scaler:
    """log1p for skewed columns, then winsorising, then zero mean and unit variance. Fitted once and frozen:
    later runs compare.

    `kept` are the columns that vary; a constant column tells nobody apart and is dropped.
    """

    kept: NDArray[np.intp]
    skewed: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def fit(cls, values: NDArray[np.float64], skewed: NDArray[np.bool_]) -> Scaler:
        """`values`: n x p, finite. Raises ValueError when no column varies."""
        logged = _log(values, skewed)
        low, high = np.quantile(logged, [CLIP_AT, 1 - CLIP_AT], axis=0)
        clipped = np.clip(logged, low, high)
        deviation = clipped.std(axis=0)
        kept = np.flatnonzero(deviation > 1e-9)
        if kept.size == 0:
            raise ValueError("No feature varies.")
        return cls(kept, skewed[kept], low[kept], high[kept], clipped.mean(axis=0)[kept], deviation[kept])

    def transform(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """n x p in their own units -> n x len(kept), scaled."""
        clipped = np.clip(_log(values[:, self.kept], self.skewed), self.low, self.high)
        return np.clip((clipped - self.mean) / self.deviation, -LIMIT, LIMIT)

    def stored(self) -> StoredScaler:
        return StoredScaler(
            kept=tuple(self.kept.tolist()),
            skewed=tuple(self.skewed.tolist()),
            low=tuple(self.low.tolist()),
            high=tuple(self.high.tolist()),
            mean=tuple(self.mean.tolist()),
            deviation=tuple(self.deviation.tolist()),
        )

    @classmethod
    def from_stored(cls, stored: StoredScaler) -> Scaler:
        return cls(
            kept=np.array(stored.kept, dtype=np.intp),
            skewed=np.array(stored.skewed, dtype=bool),
            low=np.array(stored.low),
            high=np.array(stored.high),
            mean=np.array(stored.mean),
            deviation=np.array(stored.deviation),
        )


def _log(values: NDArray[np.float64], skewed: NDArray[np.bool_]) -> NDArray[np.float64]:
    # returns can exceed purchases: below zero there is no spending to compare
    return np.where(skewed, np.log1p(np.maximum(values, 0)), values)


def finite_rows(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows hold neither NaN nor infinity."""
    return np.asarray(np.isfinite(values).all(axis=1))


def outer_fence(amounts: NDArray[np.float64]) -> float:
    """Above it an amount is no habit: the outer fence of the logarithms of what is above 0 (Tukey 1977,
    Exploratory Data Analysis: upper quartile and three times the distance between the quartiles), at least
    ten medians and at most ten times what all but one in a hundred stay below; without any, infinity."""
    positive = amounts[amounts > 0]
    if not positive.size:
        return float("inf")
    lower, middle, upper, highest = np.percentile(np.log(positive), [25, 50, 75, 99])
    return float(min(max(np.exp(upper + 3 * (upper - lower)), 10 * np.exp(middle)), 10 * np.exp(highest)))
