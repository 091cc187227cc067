"""How far today's customers are from those a generation of groups was found in.

The population stability index compares two distributions over the same bins: sum of (now - then) x ln(now /
then). Below .10 nothing happened, above .25 the scores no longer describe the population (Siddiqi 2006,
"Credit Risk Scorecards").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segments.algorithms import clustering

BINS = 10
SHIFTED = 0.25
BOOTSTRAPS = 20
SAMPLE = 4_000


@dataclass(frozen=True)
class Distribution:
    """A distribution: `edges` between bins (deciles of the values it was made of, fewer where many are
    equal), `shares` of the len(edges) + 1 bins, and the mean."""

    edges: list[float]
    shares: list[float]
    mean: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Distribution:
        edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
        return cls.within(edges, values)

    @classmethod
    def within(cls, edges: NDArray[np.float64], values: NDArray[np.float64]) -> Distribution:
        """The distribution of `values` over given bins; empty ones count as half a customer, so that the
        logarithm exists."""
        counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
        shares = np.maximum(counts, 0.5) / len(values)
        return cls(edges.tolist(), shares.tolist(), float(values.mean()))


def stability_index(then: Distribution, values: NDArray[np.float64]) -> float:
    """The population stability index of n `values` against the distribution of the reference."""
    now = np.array(Distribution.within(np.array(then.edges), values).shares)
    before = np.array(then.shares)
    return float(((now - before) * np.log(now / before)).sum())


def alarming(then: Distribution, customers_then: int, customers_now: int) -> float:
    """The index from which on an alarm is due: SHIFTED, and what two samples of one population differ by on
    average, which is (bins - 1) x (1 / n + 1 / m) (Yurdakul 2018, "Statistical properties of population
    stability index")."""
    return SHIFTED + (len(then.shares) - 1) * (1 / customers_then + 1 / customers_now)


def noise(points: NDArray[np.float64], centres: NDArray[np.float64], seed: int) -> float:
    """The share of customers that changes group by chance alone: the centres (k x p) are refitted on
    BOOTSTRAPS resamples of at most SAMPLE of the n x p `points`, and each time some are then nearer to
    another one. The mean plus two standard deviations."""
    random = np.random.default_rng(seed)
    sample = points[np.sort(random.choice(len(points), min(SAMPLE, len(points)), replace=False))]
    labels, _distances = clustering.assign(sample, centres)
    changed = []
    for _ in range(BOOTSTRAPS):
        again = clustering.recluster(sample[random.integers(0, len(sample), len(sample))], centres)
        changed.append(float((clustering.assign(sample, again.centres)[0] != labels).mean()))
    return float(np.mean(changed) + 2 * np.std(changed))
