"""k-means behind the common interface."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from segments.algorithms import clustering
from segments.algorithms.contributions import contributions
from segments.algorithms.methods.base import Labels, Points, by_size, require_different, require_finite
from segments.fitted_methods import StoredKMeans, rows
from segments.number_of_groups import NumberOfGroups

KS = range(2, 11)


class KMeansGroups:
    """Groups around `k` centres; without `k` the number is chosen (see `clustering.choose_k`)."""

    name: ClassVar[str] = "kmeans"

    def __init__(self, k: int | None = None) -> None:
        self.k = k
        self.selection: NumberOfGroups | None = None

    @property
    def groups(self) -> int:
        return len(self.centres_)

    def fit(self, points: Points, seed: int) -> Self:
        require_different(points, self.k or min(KS))
        k = self.k or self._choose(points, seed)
        found = clustering.cluster(points, k, seed)
        self.centres_ = found.centres[by_size(found.labels, k)]
        return self

    def _choose(self, points: Points, seed: int) -> int:
        choice = clustering.choose_k(points, KS, seed)
        self.selection = choice.number_of_groups()
        return choice.k

    def assign(self, points: Points) -> Labels:
        require_finite(points)
        distances = (self.centres_**2).sum(
            axis=1
        ) - 2 * points @ self.centres_.T  # less |x|^2, the same for every centre
        return distances.argmin(axis=1).astype(np.int64)

    def reasons(self, point: Points) -> Points:
        return contributions(point, self.centres_, int(self.assign(point[None])[0]))

    def stored(self) -> StoredKMeans:
        return StoredKMeans(rows(self.centres_))

    @classmethod
    def from_stored(cls, stored: StoredKMeans) -> Self:
        self = cls()
        self.centres_ = np.array(stored.centres)
        return self
