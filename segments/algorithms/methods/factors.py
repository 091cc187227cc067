"""Factor analysis, then k-means on the factor scores: features that rise and fall together count once."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from segments.algorithms.methods.base import Labels, Points, require_different, require_finite
from segments.algorithms.methods.kmeans import KMeansGroups
from segments.fitted_methods import StoredFactors, StoredKMeans, row, rows
from segments.number_of_groups import NumberOfGroups

SAMPLE = 20_000
SIMULATIONS = 20
VARIES = 1e-9


class FactorGroups:
    """As many factors as stand out from chance (parallel analysis, Horn 1965), rotated by varimax (Kaiser
    1958) so that a feature loads on few; customers are grouped by their scores (regression method), every
    factor weighing alike.

    `loadings_` (p x m): the correlation of each feature with each factor, the strongest of a factor
    positive.
    """

    name: ClassVar[str] = "factors"

    def __init__(self, k: int | None = None) -> None:
        self.k = k
        self._k_means = KMeansGroups(k)

    @property
    def selection(self) -> NumberOfGroups | None:
        return self._k_means.selection

    @property
    def groups(self) -> int:
        return self._k_means.groups

    def fit(self, points: Points, seed: int) -> Self:
        require_different(points, self.k or 2)
        sample = (
            points
            if len(points) <= SAMPLE
            else points[np.sort(np.random.default_rng(seed).choice(len(points), SAMPLE, replace=False))]
        )
        self.mean_, self.loadings_, self.weights_ = _factors(sample, seed)
        self._k_means.fit(self.scores(points), seed)
        return self

    def scores(self, points: Points) -> Points:
        """n x p -> n x m."""
        return np.asarray((points - self.mean_) @ self.weights_)

    def assign(self, points: Points) -> Labels:
        return self._k_means.assign(self.scores(require_finite(points)))

    def reasons(self, point: Points) -> Points:
        """Scores are sums over features, and so is the difference of the squared distances to two centres, up
        to a constant."""
        centres = self._k_means.centres_
        distances = ((centres - self.scores(point[None])[0]) ** 2).sum(axis=1)
        ranked = np.argsort(distances, kind="stable")
        own, rival = centres[ranked[0]], centres[ranked[-1 if len(ranked) == 1 else 1]]
        return np.asarray((point - self.mean_) * (self.weights_ @ (2 * (own - rival))))

    def stored(self) -> StoredFactors:
        return StoredFactors(
            mean=row(self.mean_),
            loadings=rows(self.loadings_),
            weights=rows(self.weights_),
            centres=self._k_means.stored().centres,
        )

    @classmethod
    def from_stored(cls, stored: StoredFactors) -> Self:
        self = cls()
        self.mean_ = np.array(stored.mean)
        self.loadings_, self.weights_ = np.array(stored.loadings), np.array(stored.weights)
        self._k_means = KMeansGroups.from_stored(StoredKMeans(stored.centres))
        return self


def strongest_features(loadings: Points, *, at_least: float = 0.4, most: int = 3) -> list[list[int]]:
    """For each factor (column of `loadings`) the features it is named by, strongest first."""
    return [
        [
            int(row)
            for row in np.argsort(-np.abs(column), kind="stable")[:most]
            if abs(column[row]) >= at_least
        ]
        or [int(np.abs(column).argmax())]
        for column in loadings.T
    ]


def _factors(points: Points, seed: int) -> tuple[Points, Points, Points]:
    """(mean, loadings p x m, score weights p x m); constant columns get zeros."""
    from sklearn.decomposition import FactorAnalysis  # late: it takes seconds to load

    varies = np.flatnonzero(points.std(axis=0) > VARIES)
    mean, deviation = points.mean(axis=0), points[:, varies].std(axis=0)
    standard = (points[:, varies] - mean[varies]) / deviation
    m = _how_many(standard, seed)
    fitted = FactorAnalysis(
        m, rotation="varimax" if m > 1 else None, svd_method="lapack", max_iter=5_000
    ).fit(standard)
    found = fitted.components_.T * np.sign(
        fitted.components_[np.arange(m), np.abs(fitted.components_).argmax(axis=1)]
    )
    scaled = found / fitted.noise_variance_[:, None]
    weights = scaled @ np.linalg.inv(np.eye(m) + found.T @ scaled)
    weights = weights / np.maximum((standard @ weights).std(axis=0), VARIES) / deviation[:, None]
    loadings, spread = np.zeros((points.shape[1], m)), np.zeros((points.shape[1], m))
    loadings[varies], spread[varies] = found, weights
    return mean, loadings, spread


def _how_many(standard: Points, seed: int) -> int:
    """How many eigenvalues of the correlations exceed 95 % of those of noise of the same shape; at least 1,
    at most p / 2."""
    n, p = standard.shape
    random = np.random.default_rng(seed)
    noise = [
        np.linalg.eigvalsh(np.atleast_2d(np.cov(random.standard_normal((n, p)).T)))
        for _ in range(SIMULATIONS)
    ]
    found = np.linalg.eigvalsh(np.atleast_2d(np.cov(standard.T)))
    return int(np.clip((found > np.quantile(noise, 0.95, axis=0)).sum(), 1, max(1, p // 2)))
