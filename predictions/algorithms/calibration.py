"""Scores become probabilities that are true: as often as they say, it happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from predictions.algorithms.estimators import Unit

Array = NDArray[np.float64]
Places = NDArray[np.intp]
ISOTONIC_FROM = 2_000  # positives and negatives: below, steps follow chance
LEAST = 1e-6  # no probability is 0 or 1
RAREST = 1e-4
LIKE_ALL = 2.0
RIDGE = 1e-4
MOST_ODDS = 30.0
MOST_SHIFT = 30.0


class Calibrator:
    """Score -> probability, rising. Customers of kind k (0, 1, ...) have `shifts[k]` added to their log-odds.

    A beta curve (Kull, Silva Filho & Flach 2017, Electronic Journal of Statistics 11), smooth with three
    parameters: the log-odds are a ln s - b ln(1 - s) + c of the score as a share s. With ISOTONIC_FROM of
    either outcome, steps (isotonic regression, Zadrozny & Elkan 2002) with lines between them. Either is
    drawn towards everybody's share, as if LIKE_ALL more customers of that share were in each tenth: no
    customer is certain.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.shifts = np.zeros(1)

    def fit(self, score: Array, outcome: Array, older: Array | None = None) -> Self:
        """`older`: 1 for customers of another window, 0 else; they shape the curve, its level is
        that of the others."""
        positives = float(outcome.sum())
        self.rate_, self.pull_ = float(outcome.mean()), LIKE_ALL / (LIKE_ALL + len(outcome) / 10)
        if min(positives, len(outcome) - positives) >= ISOTONIC_FROM:
            least = 0.5 / len(outcome)
            found = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(score, outcome)
            self.knots_ = _centres(found.X_thresholds_, found.y_thresholds_)
            return self
        self.centre_, self.spread_ = float(score.mean()), float(score.std()) or 1.0
        low, high = self._logs(score)
        level = [np.ones(len(score))] if older is None else [np.ones(len(score)), older]
        self.beta_ = _beta(np.column_stack([low, high, *level]), outcome)[:3]
        return self

    def _logs(self, score: Array) -> tuple[Array, Array]:
        """ln s and -ln(1 - s) of the score as a share."""
        if self.unit is Unit.SHARE:
            share = np.clip(score, RAREST, 1 - RAREST)
            return np.log(share), -np.log1p(-share)
        odds = score if self.unit is Unit.ODDS else (score - self.centre_) / self.spread_
        odds = np.clip(odds, -MOST_ODDS, MOST_ODDS)
        return -np.logaddexp(0, -odds), np.logaddexp(0, odds)

    def __call__(self, score: Array, kind: Places | None = None) -> Array:
        if hasattr(self, "knots_"):
            level = np.interp(score, *self.knots_)
        else:
            low, high = self._logs(score)
            level = expit(self.beta_[0] * low + self.beta_[1] * high + self.beta_[2])
        level = (1 - self.pull_) * level + self.pull_ * self.rate_
        shift = self.shifts[0] if kind is None else self.shifts[kind]
        return np.asarray(np.clip(expit(logit(np.clip(level, LEAST, 1 - LEAST)) + shift), LEAST, 1 - LEAST))

    def meet(self, score: Array, kind: Places, rates: Sequence[float]) -> Self:
        """Move the level until the mean probability of the customers of each kind is that of `rates`."""
        self.shifts = np.zeros(len(rates))
        odds = logit(self(score, kind))
        for k, rate in enumerate(rates):
            if (mine := odds[kind == k]).size:
                self.shifts[k] = _shift(mine, rate)
        return self

    @property
    def method(self) -> str:
        return "isotonic" if hasattr(self, "knots_") else "beta"


def _beta(design: Array, outcome: Array) -> Array:
    """Maximum likelihood of (a, b, levels); a and b are not negative, and hardly drawn to 1: the score is
    taken at its word."""
    neutral = np.array([1.0, 1.0] + [0.0] * (design.shape[1] - 2))
    pull = RIDGE * (neutral > 0)

    def loss(beta: Array) -> tuple[float, Array]:
        odds, away = design @ beta, beta - neutral
        value = float((np.logaddexp(0, odds) - outcome * odds).mean() + pull @ away**2)
        return value, design.T @ (expit(odds) - outcome) / len(outcome) + 2 * pull * away

    bounds = [(0, None), (0, None), *[(None, None)] * (design.shape[1] - 2)]
    return np.asarray(minimize(loss, neutral, jac=True, method="L-BFGS-B", bounds=bounds).x)


def _shift(odds: Array, rate: float) -> float:
    return float(brentq(lambda shift: expit(odds + shift).mean() - rate, -MOST_SHIFT, MOST_SHIFT))


def _centres(scores: Array, levels: Array) -> tuple[Array, Array]:
    """The middle of each level window: a line through them rises everywhere, where the steps themselves make
    ties."""
    values, place = np.unique(levels, return_inverse=True)
    return np.bincount(place, scores) / np.bincount(place), values
