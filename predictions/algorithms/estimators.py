"""Estimators of a probability to buy, from a score by hand to gradient boosting, behind one interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, LinearSVC

from predictions.algorithms import feature_contributions
from predictions.algorithms.lifetime import BetaGeometricNBD
from profiles.algorithms.scaling import Scaler

Array = NDArray[np.float64]
Places = NDArray[np.intp]
KERNEL_ROWS = 3_000  # a kernel machine's time grows with the square of its rows
SURROGATE_ROWS = 20_000
RAREST = (
    1e-4  # probabilities of a purchase below are alike: their logarithms would drown all other differences
)
FIFTHS = (0.2, 0.4, 0.6, 0.8)


class Unit(StrEnum):
    """What a score is: a share of positives, the logarithm of odds, or a number without a unit."""

    SHARE = "share"
    ODDS = "odds"
    PLAIN = "plain"


@dataclass(frozen=True)
class Columns:
    """What the columns of `values` are: their keys, which spread over orders of magnitude, and the days that
    are predicted."""

    keys: list[str]
    skewed: NDArray[np.bool_]
    horizon: float

    def at(self, *keys: str) -> list[int]:
        return [self.keys.index(key) for key in keys]


class FeatureContributions(Protocol):
    @property
    def base(self) -> float: ...

    def contributions(self, values: Array) -> Array: ...


class PurchaseEstimator(Protocol):
    """`score` rises with the probability; `attribute` says what it is made of; `fidelity` 1 is exact."""

    @property
    def unit(self) -> Unit: ...
    def fit(self, values: Array, outcome: Array) -> Self: ...
    def score(self, values: Array) -> Array: ...
    def explain(self, values: Array, held_out: Array) -> tuple[FeatureContributions, float]: ...


@dataclass
class Linear:
    """Coefficients on scaled columns. Missing values count as the median."""

    columns: Columns
    estimator: Any
    base: float = 0.0

    @property
    def unit(self) -> Unit:
        return Unit.ODDS if isinstance(self.estimator, LogisticRegression) else Unit.PLAIN

    def fit(self, values: Array, outcome: Array) -> Self:
        self.usual_ = medians(values)
        filled = self.filled(values)
        self.scaler_ = Scaler.fit(filled, self.columns.skewed)
        scaled = self.scaler_.transform(filled)
        self.estimator.fit(scaled, outcome)
        self.centre_ = scaled.mean(axis=0)
        self.base = float(self.estimator.intercept_[0] + self.estimator.coef_[0] @ self.centre_)
        return self

    def filled(self, values: Array) -> Array:
        return np.where(np.isnan(values), self.usual_, values)

    def score(self, values: Array) -> Array:
        return np.asarray(self.estimator.decision_function(self.scaler_.transform(self.filled(values))))

    def contributions(self, values: Array) -> Array:
        parts = np.zeros(values.shape)
        parts[:, self.scaler_.kept] = (
            self.scaler_.transform(self.filled(values)) - self.centre_
        ) * self.estimator.coef_[0]
        return parts

    def explain(self, values: Array, held_out: Array) -> tuple[FeatureContributions, float]:
        return self, 1.0


class SurrogateExplained(ABC):
    """What every estimator without parts of its own shares."""

    @property
    def unit(self) -> Unit:
        return Unit.ODDS

    @abstractmethod
    def score(self, values: Array) -> Array: ...

    def explain(self, values: Array, held_out: Array) -> tuple[FeatureContributions, float]:
        found = feature_contributions.Surrogate.of(
            self.score, evenly_spaced(values, SURROGATE_ROWS), evenly_spaced(held_out, SURROGATE_ROWS)
        )
        return found, found.fidelity


@dataclass
class KernelSvm(SurrogateExplained):
    """A support vector machine with a radial kernel on scaled columns, fitted to at most KERNEL_ROWS rows."""

    columns: Columns
    seed: int

    @property
    def unit(self) -> Unit:
        return Unit.PLAIN

    def fit(self, values: Array, outcome: Array) -> Self:
        values, outcome = evenly_spaced(values, KERNEL_ROWS), evenly_spaced(outcome, KERNEL_ROWS)
        self.linear_ = Linear(self.columns, LogisticRegression()).fit(
            values, outcome
        )  # its filling and scaling
        self.estimator_ = SVC(C=1.0, gamma="scale", random_state=self.seed).fit(
            self._prepared(values), outcome
        )
        return self

    def _prepared(self, values: Array) -> Array:
        return self.linear_.scaler_.transform(self.linear_.filled(values))

    def score(self, values: Array) -> Array:
        return np.asarray(self.estimator_.decision_function(self._prepared(values)))


@dataclass
class Boosting:
    """Gradient boosted trees on binned columns; missing values have a branch of their own."""

    columns: Columns
    seed: int

    @property
    def unit(self) -> Unit:
        return Unit.ODDS

    def fit(self, values: Array, outcome: Array) -> Self:
        self.estimator_ = HistGradientBoostingClassifier(
            max_iter=120,
            learning_rate=0.06,
            max_leaf_nodes=15,
            min_samples_leaf=40,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=self.seed,
        )
        self.known_ = np.flatnonzero(
            np.isfinite(values).any(axis=0)
        )  # it cannot bin a column of which nothing is known
        self.estimator_.fit(values[:, self.known_], outcome)
        return self

    def score(self, values: Array) -> Array:
        return np.asarray(self.estimator_.decision_function(values[:, self.known_]))

    def explain(self, values: Array, held_out: Array) -> tuple[FeatureContributions, float]:
        return feature_contributions.BoostedPaths.of(self.estimator_, self.known_, values.shape[1]), 1.0


@dataclass
class Forest:
    """A random forest; its score is the mean share of positives, missing values count as the median."""

    columns: Columns
    seed: int

    @property
    def unit(self) -> Unit:
        return Unit.SHARE

    def fit(self, values: Array, outcome: Array) -> Self:
        self.usual_ = medians(values)
        forest = RandomForestClassifier(
            n_estimators=120,
            min_samples_leaf=max(5, min(50, len(values) // 500)),
            max_features="sqrt",
            n_jobs=-1,
            random_state=self.seed,
        ).fit(self.filled(values), outcome)
        self.paths_ = feature_contributions.PathTable.of(forest)
        self.base = self.paths_.base
        return self

    def filled(self, values: Array) -> Array:
        return np.where(np.isnan(values), self.usual_, values)

    def score(self, values: Array) -> Array:
        return np.asarray(self.base + self.contributions(values).sum(axis=1))

    def contributions(self, values: Array) -> Array:
        return self.paths_.contributions(self.filled(values))

    def explain(self, values: Array, held_out: Array) -> tuple[FeatureContributions, float]:
        return self, 1.0


@dataclass
class RfmScore:
    """The sum of three scores from 1 to 5 by fifths of recency, frequency and monetary value: what shops do
    by hand. Where customers of a low sum did it more often, it is read the other way round, as a shop would
    that looks back."""

    columns: Columns
    base: float = 0.0
    sign: float = 1.0

    @property
    def unit(self) -> Unit:
        return Unit.PLAIN

    def fit(self, values: Array, outcome: Array) -> Self:
        self.at_ = self.columns.at("recency", "frequency", "monetary")
        known = values[np.isfinite(values[:, self.at_]).all(axis=1)][:, self.at_]
        if not len(known):
            raise ValueError("Nobody has bought.")
        self.cuts_ = np.quantile(known, FIFTHS, axis=0).T
        parts = self._parts(values)
        self.sign = -1.0 if np.cov(parts.sum(axis=1), outcome)[0, 1] < 0 else 1.0
        self.centre_ = self.sign * parts.mean(axis=0)
        self.base = float(self.centre_.sum())
        return self

    def _parts(self, values: Array) -> Array:
        r, f, m = (
            np.searchsorted(cuts, values[:, at]) for cuts, at in zip(self.cuts_, self.at_, strict=True)
        )
        return np.column_stack([5.0 - np.where(np.isnan(values[:, self.at_[0]]), 4, r), 1.0 + f, 1.0 + m])

    def score(self, values: Array) -> Array:
        return np.asarray(self.sign * self._parts(values).sum(axis=1))

    def contributions(self, values: Array) -> Array:
        parts = np.zeros(values.shape)
        parts[:, self.at_] = self.sign * self._parts(values) - self.centre_
        return parts

    def explain(self, values: Array, held_out: Array) -> tuple[FeatureContributions, float]:
        return self, 1.0


@dataclass
class BuyingRhythm(SurrogateExplained):
    """The probability of a purchase by BG/NBD, which learns from the past alone; who never bought has the
    share of their like."""

    columns: Columns

    def fit(self, values: Array, outcome: Array) -> Self:
        bought, x, tx, t = self._history(values)
        self.estimator_ = BetaGeometricNBD().fit(x, tx, t)
        others = outcome[~bought]
        self.share_ = (others.sum() + 0.5) / (len(others) + 1)
        return self

    def _history(self, values: Array) -> tuple[NDArray[np.bool_], Array, Array, Array]:
        frequency, recency, tenure = values[:, self.columns.at("frequency", "recency", "tenure")].T
        bought = (frequency > 0) & np.isfinite(recency) & np.isfinite(tenure)
        age = tenure[bought]
        return bought, frequency[bought] - 1, np.maximum(age - recency[bought], 0), age

    def score(self, values: Array) -> Array:
        bought, x, tx, t = self._history(values)
        probability = np.full(len(values), self.share_)
        probability[bought] = self.estimator_.probability_of_purchase(self.columns.horizon, x, tx, t)
        return np.asarray(logit(np.clip(probability, RAREST, 1 - RAREST)))


EstimatorFactory = Callable[[Columns, int], PurchaseEstimator]
ESTIMATORS: dict[str, EstimatorFactory] = {
    "rfm": lambda columns, seed: RfmScore(columns),
    "bgnbd": lambda columns, seed: BuyingRhythm(columns),
    "logistic": lambda columns, seed: Linear(columns, LogisticRegression(C=1.0, max_iter=500)),
    "svm_linear": lambda columns, seed: Linear(columns, LinearSVC(C=0.1, random_state=seed)),
    "svm_kernel": KernelSvm,
    "forest": Forest,
    "boosting": Boosting,
}


def medians(values: Array) -> Array:
    """Of each column what is known; 0 where nothing is."""
    known = np.isfinite(values)
    return np.array(
        [np.median(column[use]) if use.any() else 0.0 for column, use in zip(values.T, known.T, strict=True)]
    )


def evenly_spaced(rows: Array, most: int) -> Array:
    """At most `most` rows, evenly spaced."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.intp)]


def has_bought(columns: Columns, values: Array) -> Places:
    """1 for those who have ordered before, 0 for those who never did: their levels are kept apart. Shape
    (n,)."""
    (at,) = columns.at("frequency")
    return (values[:, at] > 0).astype(np.intp)
