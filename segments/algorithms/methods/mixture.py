"""A Gaussian mixture: groups that may overlap and lean, and a probability for each customer and group."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from segments.algorithms.methods.base import Labels, Points, by_size, require_different, require_finite
from segments.fitted_methods import StoredMixture, row, rows
from segments.number_of_groups import CandidateNumber, NumberOfGroups

KS = range(2, 11)
# added to each variance (scaled features have about 1): piled-up values must not make a needle of a group
RIDGE = 0.05
CHOICE_SAMPLE = 5_000
FIT_SAMPLE = 100_000
BLOCK = 100_000  # points whose densities are computed together


class MixtureGroups:
    """`k` normal distributions with full covariance, fitted by expectation maximisation; without `k` the
    number with the smallest Bayesian information criterion (Schwarz 1978) on a sample."""

    name: ClassVar[str] = "mixture"

    def __init__(self, k: int | None = None) -> None:
        self.k = k
        self.selection: NumberOfGroups | None = None

    @property
    def groups(self) -> int:
        return len(self.weights_)

    def fit(self, points: Points, seed: int) -> Self:
        require_different(points, self.k or min(KS))
        sample = _sample(points, FIT_SAMPLE, seed)
        fitted = _fit(sample, self.k or self._choose(sample, seed), seed)
        order = by_size(fitted.predict(sample), fitted.n_components)
        self.weights_, self.means_ = fitted.weights_[order], fitted.means_[order]
        self.precisions_ = fitted.precisions_[order]
        return self

    def _choose(self, points: Points, seed: int) -> int:
        sample = _sample(points, CHOICE_SAMPLE, seed)
        most = min(max(KS), len(np.unique(sample.round(9), axis=0)))
        bics = {k: float(_fit(sample, k, seed).bic(sample)) / len(sample) for k in KS if k <= most}
        best = min(bics, key=lambda k: bics[k])
        candidates = tuple(CandidateNumber(k, bic=bic) for k, bic in bics.items())
        self.selection = NumberOfGroups(best, candidates, criterion="bic")
        return best

    def assign(self, points: Points) -> Labels:
        require_finite(points)
        blocks = [
            self._log_densities(points[start : start + BLOCK]).argmax(axis=1)
            for start in range(0, len(points), BLOCK)
        ]
        return np.concatenate([np.zeros(0, dtype=np.int64), *blocks]).astype(np.int64)

    def probabilities(self, points: Points) -> Points:
        """n x k: how likely each point belongs to each group; rows sum to 1."""
        logs = self._log_densities(require_finite(points))
        logs -= logs.max(axis=1, keepdims=True)
        densities = np.exp(logs)
        return np.asarray(densities / densities.sum(axis=1, keepdims=True))

    def _log_densities(self, points: Points) -> Points:
        """n x k, weights included, less the constant that all groups share."""
        logs = np.log(self.weights_) + 0.5 * np.linalg.slogdet(self.precisions_)[1]
        columns = []
        for mean, precision, log in zip(self.means_, self.precisions_, logs, strict=True):
            away = points - mean
            columns.append(log - 0.5 * ((away @ precision) * away).sum(axis=1))
        return np.column_stack(columns)

    def reasons(self, point: Points) -> Points:
        """The log odds against the runner-up, split by columns; what remains is a constant of the two
        groups."""
        ranked = np.argsort(-self._log_densities(point[None])[0], kind="stable")
        return self._share(point, int(ranked[-1 if len(ranked) == 1 else 1])) - self._share(
            point, int(ranked[0])
        )

    def _share(self, point: Points, group: int) -> Points:
        away = point - self.means_[group]
        return np.asarray(0.5 * away * (self.precisions_[group] @ away))

    def stored(self) -> StoredMixture:
        return StoredMixture(row(self.weights_), rows(self.means_), tuple(map(rows, self.precisions_)))

    @classmethod
    def from_stored(cls, stored: StoredMixture) -> Self:
        self = cls()
        self.weights_, self.means_ = np.array(stored.weights), np.array(stored.means)
        self.precisions_ = np.array(stored.precisions)
        return self


def _fit(points: Points, k: int, seed: int) -> Any:
    from sklearn.mixture import GaussianMixture  # late: it takes seconds to load, and only the job needs it

    return GaussianMixture(k, reg_covar=RIDGE, n_init=2, max_iter=300, random_state=seed).fit(points)


def _sample(points: Points, size: int, seed: int) -> Points:
    if len(points) <= size:
        return points
    return points[np.sort(np.random.default_rng(seed).choice(len(points), size, replace=False))]
