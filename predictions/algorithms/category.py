"""Which category comes next? One choice among k, from what was bought before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from predictions.algorithms import metrics
from predictions.cards import CATEGORY_BASELINE, Curves, EstimatorMetrics, Interval, RowCounts

Array = NDArray[np.float64]
Places = NDArray[np.int64]
RESAMPLES = 200
LEAST = 1e-6


@dataclass(frozen=True)
class CategoryWindow:
    """One earlier moment. `shares`: n x k, the part of the money each category took until then; `outcome`: n,
    the place of the category that came next."""

    shares: Array
    outcome: Places


class CategoryEstimator(Protocol):
    """`probabilities`: n x k shares -> n x k, rows adding up to 1."""

    def fit(self, shares: Array, outcome: Places) -> Self: ...
    def probabilities(self, shares: Array) -> Array: ...


class Popular:
    """Everybody buys as all do."""

    def fit(self, shares: Array, outcome: Places) -> Self:
        self.rates_ = _rates(outcome, shares.shape[1])
        return self

    def probabilities(self, shares: Array) -> Array:
        return np.tile(self.rates_, (len(shares), 1))


class Favourite:
    """Everybody buys what they bought most so far, as often as that was true before."""

    def fit(self, shares: Array, outcome: Places) -> Self:
        self.rates_ = _rates(outcome, shares.shape[1])
        known = shares.sum(axis=1) > 0
        self.loyalty_ = float((shares.argmax(axis=1) == outcome)[known].mean()) if known.any() else 0.0
        return self

    def probabilities(self, shares: Array) -> Array:
        return _normalised(
            np.where(shares.sum(axis=1, keepdims=True) > 0, self.loyalty_ * shares, 0)
            + (1 - self.loyalty_) * self.rates_
            + LEAST
        )


class Fitted:
    """An estimator of scikit-learn on the shares."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, shares: Array, outcome: Places) -> Self:
        self.estimator.fit(shares, outcome)
        return self

    def probabilities(self, shares: Array) -> Array:
        full = np.full(shares.shape, LEAST)
        full[:, self.estimator.classes_] += self.estimator.predict_proba(shares)
        return _normalised(full)


ESTIMATORS: dict[str, Callable[[int], CategoryEstimator]] = {
    "most_popular": lambda seed: Popular(),
    "favourite": lambda seed: Favourite(),
    "logistic": lambda seed: Fitted(LogisticRegression(C=1.0, max_iter=500)),
    "forest": lambda seed: Fitted(RandomForestClassifier(100, min_samples_leaf=20, random_state=seed)),
}


@dataclass(frozen=True)
class TrainedCategory:
    """The champion for today's customers, fitted on all windows; `tested`: its n x k probabilities on the
    test window, `curves` how true they were."""

    champion: str
    estimator: CategoryEstimator
    tested: Array
    candidates: tuple[EstimatorMetrics, ...]
    rows: RowCounts
    curves: Curves


def train(windows: Sequence[CategoryWindow], seed: int) -> TrainedCategory:
    """The candidate with the smallest log loss on the window before the last, tested on the last. `windows`:
    three or more, oldest first."""
    *training, validation, test = windows
    rows = _joined(training)
    fitted = {name: factory(seed).fit(rows.shares, rows.outcome) for name, factory in ESTIMATORS.items()}
    loss = {
        name: _log_loss(estimator.probabilities(validation.shares), validation.outcome)
        for name, estimator in fitted.items()
    }
    champion = min(loss, key=lambda name: loss[name])
    tested = {name: estimator.probabilities(test.shares) for name, estimator in fitted.items()}
    everything = _joined(windows)
    return TrainedCategory(
        champion=champion,
        estimator=ESTIMATORS[champion](seed).fit(everything.shares, everything.outcome),
        tested=tested[champion],
        candidates=tuple(
            _metrics(name, loss[name], tested, test.outcome, seed)
            for name in sorted(loss, key=lambda name: loss[name])
        ),
        rows=RowCounts(train=len(rows.outcome), calibrate=len(validation.outcome), test=len(test.outcome)),
        curves=Curves(**_calibration(tested[champion], test.outcome).points()),
    )


def _metrics(
    name: str, loss: float, tested: dict[str, Array], outcome: Places, seed: int
) -> EstimatorMetrics:
    correct = _correct(tested[name], outcome)
    lead = correct - _correct(tested[CATEGORY_BASELINE], outcome)
    return EstimatorMetrics(
        name,
        _interval(correct, seed),
        _calibration(tested[name], outcome).error,
        validation_log_loss=loss,
        accuracy=float(correct.mean()),
        lead=None if name == CATEGORY_BASELINE else _interval(lead, seed),
    )


def _calibration(probabilities: Array, outcome: Places) -> metrics.CalibrationBins:
    """Of the category named, whose probability is the highest."""
    return metrics.calibration(_correct(probabilities, outcome), probabilities.max(axis=1))


def _correct(probabilities: Array, outcome: Places) -> Array:
    return (probabilities.argmax(axis=1) == outcome).astype(float)


def _interval(values: Array, seed: int) -> Interval:
    random = np.random.default_rng(seed)
    return metrics.interval(
        np.array([values[random.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)])
    )


def _log_loss(probabilities: Array, outcome: Places) -> float:
    return float(-np.log(np.maximum(probabilities[np.arange(len(outcome)), outcome], LEAST)).mean())


def _rates(outcome: Places, k: int) -> Array:
    return (np.bincount(outcome, minlength=k) + 1.0) / (len(outcome) + k)


def _normalised(rows: Array) -> Array:
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def _joined(windows: Sequence[CategoryWindow]) -> CategoryWindow:
    return CategoryWindow(
        np.concatenate([window.shares for window in windows]),
        np.concatenate([window.outcome for window in windows]),
    )
