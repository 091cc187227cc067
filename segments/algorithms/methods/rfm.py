"""RFM classes behind the common interface."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from segments.algorithms import rfm
from segments.algorithms.methods.base import Labels, Points, require_finite
from segments.fitted_methods import StoredRfm, rows
from segments.number_of_groups import NumberOfGroups

TIES = ("average", "min", "min")
BELOW_EVERYTHING = float(np.finfo(np.float64).min)  # infinity has no place in JSON


class RfmClasses:
    """The classes of `segments.algorithms.rfm`. Points are n x 3 in their own units: recency, frequency,
    monetary value.

    `cuts_` (3 x 4): the largest value with a score of at most 1, 2, 3, 4 of -recency, frequency and monetary
    value.
    """

    name: ClassVar[str] = "rfm"
    features: ClassVar[tuple[str, str, str]] = ("recency", "frequency", "monetary")
    groups: int = len(rfm.NAMES)

    def __init__(self, k: int | None = None) -> None:
        self.selection: NumberOfGroups | None = None

    def fit(self, points: Points, seed: int) -> Self:
        require_finite(points)
        if not len(points):
            raise ValueError("Nobody to group.")
        self.cuts_ = np.array(
            [_cuts(column, ties) for column, ties in zip(_rising(points).T, TIES, strict=True)]
        )
        return self

    def scores(self, points: Points) -> NDArray[np.int64]:
        """n x 3, from 1 to 5."""
        return 1 + (_rising(require_finite(points))[:, :, None] > self.cuts_[None]).sum(axis=2)

    def assign(self, points: Points) -> Labels:
        return rfm.classes(self.scores(points))

    def ranges(self) -> list[list[tuple[float, float] | None]]:
        """For recency, frequency and monetary value the ends of the scores 1 to 5 in their own units,
        infinite where there is none; None for a score that nobody has. Of recency the lower end belongs to
        the score, of the others the upper one."""
        return [
            [
                _own_units(column, low, high) if low < high else None
                for low, high in pairwise([-np.inf, *cuts, np.inf])
            ]
            for column, cuts in enumerate(
                np.where(self.cuts_ == BELOW_EVERYTHING, -np.inf, self.cuts_).tolist()
            )
        ]

    def reasons(self, point: Points) -> Points:
        """How far each score is from the middle one."""
        return np.abs(self.scores(point[None])[0] - 3.0)

    def stored(self) -> StoredRfm:
        return StoredRfm(rows(self.cuts_))

    @classmethod
    def from_stored(cls, stored: StoredRfm) -> Self:
        self = cls()
        self.cuts_ = np.array(stored.cuts)
        return self


def _rising(points: Points) -> Points:
    """So that more is better in every column."""
    return points[:, :3] * np.array([-1.0, 1.0, 1.0])


def _own_units(column: int, low: float, high: float) -> tuple[float, float]:
    return (-high, -low) if column == 0 else (low, high)


def _cuts(values: Points, ties: str) -> list[float]:
    scores = rfm.scores(values, high_is_good=True, ties=ties)
    return [float(values[scores <= score].max(initial=BELOW_EVERYTHING)) for score in range(1, rfm.SCORES)]
