"""How good probabilities are: do they rank (AUC, lift), and are they true (Brier, calibration)?

Everywhere `outcome` is 0 or 1 and `score` or `probability` a number for each, shape (n,).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.cards import Curves, Interval

Array = NDArray[np.float64]
Places = NDArray[np.intp]
RESAMPLES = 200
BINS = 10
MAX_CALIBRATION_ERROR = 0.03  # points of probability
CURVE = 20  # points of the lift and gain curves


def auc(outcome: Array, score: Array) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half. NaN
    with one class only."""
    return _weighted_auc(*_order(score), outcome, np.ones(len(outcome)))


def resampled_auc(outcome: Array, score: Array, seed: int) -> Array:
    """The AUC on RESAMPLES bootstrap samples. The same seed draws the same samples: differences between
    scores are paired."""
    random, n = np.random.default_rng(seed), len(outcome)
    order, starts = _order(score)
    weights = (np.bincount(random.integers(0, n, n), minlength=n).astype(float) for _ in range(RESAMPLES))
    return np.array([_weighted_auc(order, starts, outcome, weight) for weight in weights])


def _order(score: Array) -> tuple[Places, Places]:
    """The rows from low to high, and where each group of equal scores begins."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    return order, np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))


def _weighted_auc(order: Places, starts: Places, outcome: Array, weight: Array) -> float:
    positive = np.add.reduceat((weight * outcome)[order], starts)
    negative = np.add.reduceat((weight * (1 - outcome))[order], starts)
    pairs = positive.sum() * negative.sum()
    return float(positive @ (np.cumsum(negative) - negative / 2) / pairs) if pairs else float("nan")


def interval(values: Array) -> Interval:
    """The middle 95 % of bootstrap values."""
    low, high = np.quantile(values[np.isfinite(values)], [0.025, 0.975])
    return float(low), float(high)


def brier(outcome: Array, probability: Array) -> float:
    """Mean squared distance between probability and outcome; 0 is perfect (Brier 1950)."""
    return float(((probability - outcome) ** 2).mean())


def log_loss(outcome: Array, probability: Array) -> float:
    """Mean negative log-likelihood; what the base rate alone has is that of a method without any skill."""
    return float(-(outcome * np.log(probability) + (1 - outcome) * np.log1p(-probability)).mean())


def max_calibration_error(outcome: Array) -> float:
    """The calibration error from which probabilities are not put in force.

    MAX_CALIBRATION_ERROR, or half of the rarer outcome's share where that is less, and twice the error that
    true probabilities would have by chance in BINS groups: the mean distance of a normal with the groups'
    standard error, sqrt(2 / pi) sd.
    """
    rate, n = float(outcome.mean()), len(outcome)
    chance = np.sqrt(2 / np.pi * rate * (1 - rate) * BINS / n)
    return float(min(MAX_CALIBRATION_ERROR, min(rate, 1 - rate) / 2) + 2 * chance)


@dataclass(frozen=True)
class CalibrationBins:
    """Customers in BINS groups of equal size by predicted probability. All of shape (at most BINS,)."""

    predicted: Array
    observed: Array
    size: NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance between predicted and observed share, weighted by
        size."""
        return float((np.abs(self.predicted - self.observed) * self.size).sum() / self.size.sum())

    def points(self) -> dict[str, tuple[Any, ...]]:
        """The fields of `Curves` that draw it."""
        return {name: tuple(getattr(self, name).tolist()) for name in ("predicted", "observed", "size")}


def calibration(outcome: Array, probability: Array) -> CalibrationBins:
    """Equal probabilities stay in one group, so that there may be fewer groups than BINS."""
    order, starts = _order(probability)
    group_of_row = np.repeat(np.arange(len(starts)), np.diff([*starts, len(order)]))
    bin_of_group = np.minimum(starts * BINS // len(order), BINS - 1)
    bins = np.unique(bin_of_group[group_of_row], return_inverse=True)[1]
    size = np.bincount(bins)
    return CalibrationBins(
        np.bincount(bins, probability[order]) / size,
        np.bincount(bins, outcome[order]) / size,
        size.astype(np.int64),
    )


def gains(outcome: Array, score: Array) -> Curves:
    """Gain and lift at CURVE shares of the best-scored; `outcome` may be an amount as well.

    Ties are drawn evenly: within equal scores the positives are spread over their places.
    """
    order, starts = _order(-score)
    positive = np.add.reduceat(outcome[order], starts)
    ends = np.concatenate([starts[1:], [len(order)]])
    share = np.linspace(1 / CURVE, 1, CURVE)
    reached = np.interp(
        share * len(order), np.concatenate([[0], ends]), np.concatenate([[0], np.cumsum(positive)])
    )
    gain = reached / max(outcome.sum(), 1)
    return Curves(tuple(share.tolist()), tuple(gain.tolist()), tuple((gain / share).tolist()))


def curves(outcome: Array, probability: Array) -> Curves:
    """Gain, lift and calibration of one method on one period."""
    bins = calibration(outcome, probability)
    return replace(gains(outcome, probability), **bins.points())
