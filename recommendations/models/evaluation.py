"""What is stored of a comparison of methods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Interval:
    """A mean over customers with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class RankingMetrics:
    """How well lists of k products find what customers bought next; definitions in
    `recommendations.algorithms.evaluation`. `found` counts products a customer; the others lie in [0, 1]. As
    a difference between two methods they may be negative."""

    found: Interval
    recall: Interval
    ndcg: Interval
    map: Interval


@dataclass(frozen=True)
class MethodResult:
    """One method in the test window. `coverage`: the share of the catalogue that stands on somebody's list.
    `gain`: its NDCG less that of the popular list on the same customers, None for the popular list."""

    metrics: RankingMetrics
    coverage: float
    gain: Interval | None = None


@dataclass(frozen=True)
class Trial:
    """A method with parameters that was tried on the validation window, and its NDCG there."""

    method: str
    parameters: dict[str, float]
    ndcg: float


@dataclass(frozen=True)
class Comparison:
    """The methods on the same customers of the same test window; without a window on purchases that were
    hidden, as too few customers bought something new.

    `k`: length of the lists. `methods`: by name; `best` is the personal one that did best on the earlier
    window, `baseline` the popular list. `champion`: the one that the run uses, `best` only where it beat the
    popular list beyond chance. `difference`: best less baseline. `ratio`: found by the best / found by the
    baseline, None where the baseline finds nothing.
    """

    k: int
    test_from: datetime | None
    test_until: datetime | None
    customers: int
    best: str
    baseline: str
    champion: str
    methods: dict[str, MethodResult]
    difference: RankingMetrics
    ratio: float | None
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """`comparison`, or the message id of why there is none (both empty: none was requested)."""

    missing: str = ""
    comparison: Comparison | None = None
