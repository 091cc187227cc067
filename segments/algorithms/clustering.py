"""k-means, and how many groups there are.

k is chosen by bootstrap stability (Hennig 2007, "Cluster-wise assessment of cluster stability"; here the
adjusted Rand index between the labels of the fit and of fits on resampled customers): groups that do not come
back on another sample are not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segments.number_of_groups import CandidateNumber, NumberOfGroups

BOOTSTRAPS = 20
STABLE = 0.85
SMALLEST_SHARE = 0.03
CHOICE_SAMPLE = 4_000  # stability barely moves beyond; the final fit uses everybody
SILHOUETTE_SAMPLE = 2_000
START_SAMPLE = 20_000  # starts are tried on so many; only the best goes on with everybody
STARTS = 10
CHUNK = 50_000  # rows: distances stay in the processor's cache
DIGITS = 9  # of a centre: what lies behind is rounding
TOLERANCE, MOST_ITERATIONS = 1e-4, 300  # as in scikit-learn
KEPT_INERTIA = 0.01  # what keeping customers in their former group may cost, as a share of the inertia
# nobody is kept whose former centre is so many times as far (squared distance): the reason would not be true
FARTHER = 1.5
COLD_GAIN = 0.02  # a cold start must be this much better before it is worth a proposal


def _k_means(points: NDArray[np.float64], k: int, **options: Any) -> Any:
    """Fitted on one thread: several add in no fixed order, and the same seed would not give the same bytes on
    every machine."""
    from sklearn.cluster import (
        KMeans,
    )  # late, here and below: it takes seconds to load, and only the job needs it

    with _threads().limit(limits=1):
        return KMeans(k, **options).fit(points)


@cache
def _threads() -> Any:
    """What controls the threads of the libraries loaded by now; looking for them takes longer than a small
    fit."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@dataclass(frozen=True)
class Candidate:
    """How good a number of groups is. `stability`: mean adjusted Rand index over bootstraps, 1 = always the
    same groups."""

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

    def number_of_groups(self) -> NumberOfGroups:
        """As a run stores it."""
        return NumberOfGroups(
            self.k,
            tuple(
                CandidateNumber(**asdict(candidate), eligible=candidate.eligible)
                for candidate in self.candidates
            ),
        )


@dataclass(frozen=True)
class Clustering:
    """`labels`: n group positions; `centres`: k x p in scaled space; `inertia`: the sum of squared distances
    to them."""

    labels: NDArray[np.int64]
    centres: NDArray[np.float64]
    inertia: float


def choose_k(
    points: NDArray[np.float64],
    ks: Iterable[int],
    seed: int,
    report: Callable[[int], None] = lambda done: None,
) -> Choice:
    """Try every k on a sample of `points` (n x p, scaled) and choose: of the stable ones whose smallest group
    is not tiny, the one with the best silhouette; if none is stable, the most stable. `report` is called
    with how many are done.

    Raises ValueError when there are fewer distinct points than the smallest k.
    """
    random = np.random.default_rng(seed)
    sample = (
        points
        if len(points) <= CHOICE_SAMPLE
        else points[np.sort(random.choice(len(points), CHOICE_SAMPLE, replace=False))]
    )
    distinct = len(np.unique(sample.round(9), axis=0))
    candidates = []
    for done, k in enumerate(k for k in ks if k <= distinct and k < len(sample)):
        candidates.append(_try(sample, k, seed, random))
        report(done + 1)
    if not candidates:
        raise ValueError("Fewer different customers than groups.")
    eligible = [candidate for candidate in candidates if candidate.eligible]
    best = (
        max(eligible, key=lambda candidate: candidate.silhouette)
        if eligible
        else max(candidates, key=lambda candidate: candidate.stability)
    )
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
    """Group `points` (n x p, scaled) from a cold start: STARTS starts (k-means++, Arthur & Vassilvitskii
    2007) on at most START_SAMPLE of them, then Lloyd's iterations on everybody from the best."""
    chosen = np.random.default_rng(seed).permutation(len(points))[:START_SAMPLE]
    return recluster(
        points, _k_means(points[np.sort(chosen)], k, n_init=STARTS, random_state=seed).cluster_centers_
    )


def recluster(points: NDArray[np.float64], centres: NDArray[np.float64]) -> Clustering:
    """Group `points` continuing from yesterday's `centres` (k x p), so that group i stays group i. A centre
    that nobody is near to stays where it is and waits: sent elsewhere it would give its old name to other
    customers."""
    centres = _lloyd(points, centres).round(DIGITS)
    labels, distances = assign(points, centres)
    return Clustering(labels, centres, round(float(distances.sum()), DIGITS - 3))


def _lloyd(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lloyd's iterations until the centres (k x p) hardly move. Adds in a fixed order, so that the number of
    threads changes nothing; single precision decides who is near whom, double precision where the centres
    are."""
    table, tolerance = points.astype(np.float32), TOLERANCE * float(points.var(axis=0).mean())
    for _ in range(MOST_ITERATIONS):
        before, centres = centres, _means(points, _nearest(table, centres.astype(np.float32)), centres)
        if ((centres - before) ** 2).sum() <= tolerance:
            break
    return centres


def _nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    length = (centres**2).sum(axis=1)  # less |x|^2, the same for every centre
    return np.concatenate(
        [(length - 2 * points[rows] @ centres.T).argmin(axis=1) for rows in _chunks(len(points))]
    )


def _means(
    points: NDArray[np.float64], labels: NDArray[np.int64], centres: NDArray[np.float64]
) -> NDArray[np.float64]:
    size = np.bincount(labels, minlength=len(centres))[:, None]
    sums = np.column_stack(
        [np.bincount(labels, weights=column, minlength=len(centres)) for column in points.T]
    )
    return np.where(size > 0, sums / np.maximum(size, 1), centres)


def challenger(points: NDArray[np.float64], held: Clustering, seed: int) -> Clustering | None:
    """A cold start with as many groups that is better than `held` by more than COLD_GAIN of its inertia: the
    world has changed."""
    cold = cluster(points, len(held.centres), seed)
    return cold if cold.inertia < held.inertia * (1 - COLD_GAIN) else None


def assign(
    points: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest of `centres` (k x p) to each of `points` (n x p), and the squared distance to it; both of
    length n."""
    labels, nearest = np.empty(len(points), dtype=np.int64), np.empty(len(points))
    for rows in _chunks(len(points)):
        distances = _distances(points[rows], centres)
        labels[rows] = distances.argmin(axis=1)
        nearest[rows] = distances[np.arange(len(distances)), labels[rows]]
    return labels, nearest


def _chunks(rows: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, rows, CHUNK))


def _distances(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances, n x k."""
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(np.maximum(squares, 0))


@dataclass(frozen=True)
class Settled:
    """`labels`: n group positions; `margin`: by how much nearer (squared distance) another centre had to be
    for a customer to move; `stayed`: how many it kept; `cost`: the inertia that this adds, as a share of the
    whole."""

    labels: NDArray[np.int64]
    margin: float
    stayed: int
    cost: float


def settle(points: NDArray[np.float64], found: Clustering, former: NDArray[np.int64]) -> Settled:
    """Let customers near a border stay where they were: hysteresis.

    `former` has the group of each of the n `points` in the run before, -1 for none. Who would move gives up
    the difference between the squared distances to the two centres; the smallest differences are given up
    first, as many as fit into KEPT_INERTIA of the inertia of `found`. So the margin is the largest that the
    budget allows, and the same for everybody who is not FARTHER away.
    """
    movers = np.flatnonzero((former >= 0) & (former != found.labels))
    _labels, nearest = assign(points[movers], found.centres)
    own = ((points[movers] - found.centres[former[movers]]) ** 2).sum(axis=1)
    close = own <= FARTHER * nearest
    movers, given_up = movers[close], (own - nearest)[close]
    order = np.argsort(given_up, kind="stable")
    spent = np.cumsum(given_up[order])
    stayed = int(np.searchsorted(spent, KEPT_INERTIA * found.inertia, side="right"))
    if stayed < len(movers):  # of equals, all go or none
        stayed = int(np.searchsorted(given_up[order], given_up[order[stayed]], side="left"))
    labels = found.labels.copy()
    labels[movers[order[:stayed]]] = former[movers[order[:stayed]]]
    if not stayed:
        return Settled(labels, 0.0, 0, 0.0)
    return Settled(
        labels, float(given_up[order[stayed - 1]]), stayed, float(spent[stayed - 1] / found.inertia)
    )


@dataclass(frozen=True)
class Plane:
    """Customers seen from the direction in which they differ most. `points`: n x 2; `explained`: the share of
    all differences that the picture keeps; `axes`: for each direction the column that weighs most (it grows
    along the axis)."""

    points: NDArray[np.float64]
    explained: float
    axes: list[int]


def project(points: NDArray[np.float64]) -> Plane:
    """The plane through `points` (n x p, scaled) by principal component analysis; a single column gives a
    flat picture."""
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
