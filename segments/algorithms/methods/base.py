"""What every method of grouping can do."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from segments.fitted_methods import StoredMethod
from segments.number_of_groups import NumberOfGroups

Points = NDArray[np.float64]
Labels = NDArray[np.int64]


class GroupingMethod(Protocol):
    """Fit once, then assign anybody. `points` are n x p and finite; the same points and seed give the same
    estimator to the byte.

    `groups`: how many groups there are; labels are positions below it. `selection`: how
    their number was chosen, None where it was given.
    """

    name: ClassVar[str]

    def __init__(self, k: int | None = None) -> None:
        """`k` groups; None: as many as the data hold."""

    @property
    def groups(self) -> int: ...

    @property
    def selection(self) -> NumberOfGroups | None: ...

    def fit(self, points: Points, seed: int) -> Self:
        """Raises ValueError for NaN or infinity, and for fewer different points than groups."""
        ...

    def assign(self, points: Points) -> Labels:
        """The group of each point. Raises ValueError for NaN or infinity."""
        ...

    def reasons(self, point: Points) -> Points:
        """How much each of the p columns speaks for the point's own group (positive) rather than for the next
        best one."""
        ...

    def stored(self) -> StoredMethod: ...

    @classmethod
    def from_stored(cls, stored: Any) -> Self:
        """`stored`: what this method stores."""
        ...


def require_finite(points: Points) -> Points:
    if not np.isfinite(points).all():
        raise ValueError("Points must be finite: clean missing and infinite values first.")
    return points


def require_different(points: Points, k: int) -> Points:
    """`points`, when they are finite and at least `k` of them differ."""
    if len(np.unique(require_finite(points).round(9), axis=0)) < k:
        raise ValueError("Fewer different customers than groups.")
    return points


def by_size(labels: Labels, groups: int) -> NDArray[np.intp]:
    """The order in which groups are numbered: the largest first, so that the order of the rows does not
    decide."""
    return np.argsort(-np.bincount(labels, minlength=groups), kind="stable")
