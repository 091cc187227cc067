"""k-means, and how many groups there are.

k is chosen by bootstrap stability (Hennig 2007, "Cluster-wise assessment of cluster stability"; here the adjusted Rand index
between the labels of the fit and of fits on resampled customers): groups that do not come back on another sample are not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BOOTSTRAPS = 20
STABLE = 0.85
SMALLEST_SHARE = 0.03
CHOICE_SAMPLE = 4_000  # stability barely moves beyond; the final fit uses everybody
SILHOUETTE_SAMPLE = 2_000
COLD_GAIN = 0.02  # a cold start must be this much better before groups are found anew


def _k_means(points: NDArray[np.float64], k: int, **options: Any) -> Any:
    from sklearn.cluster import KMeans  # late, here and below: it takes seconds to load, and only the job needs it

    return KMeans(k, **options).fit(points)


@dataclass(frozen=True)
class Candidate:
    """How good a number of groups is. `stability`: mean adjusted Rand index over bootstraps, 1 = always the same groups."""

    k: int
    stability: float
    smallest_share: float
    silhouette: float
    inertia: float

    @property
    def eligible(self) -> bool:
        return self.stability >= STABLE and self.smallest_share >= SMALLEST_SHARE


@dataclass(frozen=True)
class Choice:
    k: int
    candidates: list[Candidate]

    def as_json(self) -> dict[str, Any]:
        return {"k": self.k, "candidates": [asdict(one) | {"eligible": one.eligible} for one in self.candidates]}


@dataclass(frozen=True)
class Clustering:
    """`labels`: n group positions; `centres`: k x p in scaled space; `warm`: continued from given centres."""

    labels: NDArray[np.int64]
    centres: NDArray[np.float64]
    inertia: float
    warm: bool


def choose_k(
    points: NDArray[np.float64], ks: Iterable[int], seed: int, tell: Callable[[int], None] = lambda done: None
) -> Choice:
    """Try every k on a sample of `points` (n x p, scaled) and choose: of the stable ones whose smallest group is not tiny, the
    one with the best silhouette; if none is stable, the most stable. `tell` hears how many are done.

    Raises ValueError when there are fewer distinct points than the smallest k asks for.
    """
    random = np.random.default_rng(seed)
    sample = points if len(points) <= CHOICE_SAMPLE else points[np.sort(random.choice(len(points), CHOICE_SAMPLE, replace=False))]
    distinct = len(np.unique(sample.round(9), axis=0))
    candidates = []
    for done, k in enumerate(k for k in ks if k <= distinct and k < len(sample)):
        candidates.append(_try(sample, k, seed, random))
        tell(done + 1)
    if not candidates:
        raise ValueError("Fewer different customers than groups.")
    eligible = [one for one in candidates if one.eligible]
    best = max(eligible, key=lambda one: one.silhouette) if eligible else max(candidates, key=lambda one: one.stability)
    return Choice(best.k, candidates)


def _try(sample: NDArray[np.float64], k: int, seed: int, random: np.random.Generator) -> Candidate:
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    fitted = _k_means(sample, k, n_init=5, random_state=seed)
    agreement = []
    for _ in range(BOOTSTRAPS):
        again = sample[random.integers(0, len(sample), len(sample))]
        refitted = _k_means(again, k, n_init=2, random_state=int(random.integers(2**31)))
        agreement.append(adjusted_rand_score(fitted.labels_, refitted.predict(sample)))
    sizes = np.bincount(fitted.labels_, minlength=k)
    judged = min(SILHOUETTE_SAMPLE, len(sample))
    return Candidate(
        k=k,
        stability=float(np.mean(agreement)),
        smallest_share=float(sizes.min() / len(sample)),
        silhouette=float(silhouette_score(sample, fitted.labels_, sample_size=judged, random_state=seed)),
        inertia=float(fitted.inertia_ / len(sample)),
    )


def cluster(points: NDArray[np.float64], k: int, seed: int) -> Clustering:
    """Group `points` (n x p, scaled) from a cold start."""
    fitted = _k_means(points, k, n_init=10, random_state=seed)
    return Clustering(fitted.labels_.astype(np.int64), fitted.cluster_centers_, float(fitted.inertia_), warm=False)


def recluster(points: NDArray[np.float64], centres: NDArray[np.float64], seed: int) -> Clustering:
    """Group `points` continuing from yesterday's `centres` (k x p), so that group i stays group i. When a cold start is better by
    more than COLD_GAIN the world has changed and the cold result is returned instead (`warm` is False)."""
    k = len(centres)
    fitted = _k_means(points, k, init=centres, n_init=1, random_state=seed)
    cold = _k_means(points, k, n_init=3, random_state=seed)
    if cold.inertia_ < fitted.inertia_ * (1 - COLD_GAIN):
        return Clustering(cold.labels_.astype(np.int64), cold.cluster_centers_, float(cold.inertia_), warm=False)
    return Clustering(fitted.labels_.astype(np.int64), fitted.cluster_centers_, float(fitted.inertia_), warm=True)


@dataclass(frozen=True)
class Plane:
    """Customers seen from the direction in which they differ most. `points`: n x 2; `explained`: the share of all differences that
    the picture keeps; `axes`: for each direction the column that weighs most (it grows along the axis)."""

    points: NDArray[np.float64]
    explained: float
    axes: list[int]


def project(points: NDArray[np.float64]) -> Plane:
    """The plane through `points` (n x p, scaled) by principal component analysis; a single column gives a flat picture."""
    from sklearn.decomposition import PCA

    width = min(2, points.shape[1])
    fitted = PCA(width, svd_solver="full").fit(points)
    axes: list[int] = []
    for weights in np.abs(fitted.components_):
        weights[axes] = -1  # a picture with the same word on both axes says nothing
        axes.append(int(weights.argmax()))
    flat = fitted.transform(points) * np.sign(fitted.components_[np.arange(width), axes])
    if width == 1:
        flat, axes = np.column_stack([flat, np.zeros(len(flat))]), axes * 2
    return Plane(flat, float(fitted.explained_variance_ratio_.sum()), axes)
