"""Which category comes next? One choice among k, from what was bought before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from predictions.algorithms import metrics

Array = NDArray[np.float64]
Places = NDArray[np.int64]
RESAMPLES = 200
LEAST = 1e-6


@dataclass(frozen=True)
class Choices:
    """`shares`: n x k, the part of the money each category took so far; `outcome`: n, the place of the
    category that came next."""

    shares: Array
    outcome: Places


class Chooser(Protocol):
    """`probabilities`: n x k shares -> n x k, rows adding up to 1."""

    def fit(self, shares: Array, outcome: Places) -> Self: ...
    def probabilities(self, shares: Array) -> Array: ...


class Popular:
    """Everybody takes what most take."""

    def fit(self, shares: Array, outcome: Places) -> Self:
        self.rates_ = _rates(outcome, shares.shape[1])
        return self

    def probabilities(self, shares: Array) -> Array:
        return np.tile(self.rates_, (len(shares), 1))


class Favourite:
    """Everybody takes what they took most so far, with the frequency at which that came true."""

    def fit(self, shares: Array, outcome: Places) -> Self:
        self.rates_ = _rates(outcome, shares.shape[1])
        known = shares.sum(axis=1) > 0
        self.loyalty_ = float((shares.argmax(axis=1) == outcome)[known].mean()) if known.any() else 0.0
        return self

    def probabilities(self, shares: Array) -> Array:
        return _normal(
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
        return _normal(full)


CHOOSERS: dict[str, Callable[[int], Chooser]] = {
    "popular": lambda seed: Popular(),
    "favourite": lambda seed: Favourite(),
    "logistic": lambda seed: Fitted(LogisticRegression(C=1.0, max_iter=500)),
    "forest": lambda seed: Fitted(RandomForestClassifier(100, min_samples_leaf=20, random_state=seed)),
}
BASELINE = "favourite"


@dataclass(frozen=True)
class Chosen:
    """The champion for today's customers; `tested`: its n x k probabilities on the test stretch; see `choose`
    for the report."""

    champion: str
    chooser: Chooser
    tested: Array
    report: dict[str, Any]


def choose(stretches: list[Choices], seed: int) -> Chosen:
    """The candidate with the smallest log loss on the stretch before the last, tested on the last.
    `stretches`: three or more, oldest first.

    `report`: {"candidates": [{"name", "validation": log loss, "accuracy", "interval", "ece", "beats":
    interval of the difference in accuracy to the baseline}]}. The champion is fitted again on all
    stretches.
    """
    *train, validate, test = stretches
    joined = _joined(train)
    fitted = {name: factory(seed).fit(joined.shares, joined.outcome) for name, factory in CHOOSERS.items()}
    loss = {
        name: _log_loss(one.probabilities(validate.shares), validate.outcome) for name, one in fitted.items()
    }
    champion = min(loss, key=lambda name: loss[name])
    hits = {name: one.probabilities(test.shares) for name, one in fitted.items()}
    rows = [
        _row(name, hits, test.outcome, seed) | {"validation": loss[name]}
        for name in sorted(loss, key=lambda n: loss[n])
    ]
    everything = _joined(stretches)
    return Chosen(
        champion,
        CHOOSERS[champion](seed).fit(everything.shares, everything.outcome),
        hits[champion],
        {
            "candidates": rows,
            "rows": {
                "train": len(joined.outcome),
                "calibrate": len(validate.outcome),
                "test": len(test.outcome),
            },
            "curves": _curve(hits[champion], test.outcome),
        },
    )


def _row(name: str, said: dict[str, Array], outcome: Places, seed: int) -> dict[str, Any]:
    right = _right(said[name], outcome)
    lead = right - _right(said[BASELINE], outcome)
    bins = metrics.calibration(right, said[name].max(axis=1))
    return {
        "name": name,
        "accuracy": float(right.mean()),
        "interval": _interval(right, seed),
        "ece": bins.error,
        "beats": None if name == BASELINE else _interval(lead, seed),
    }


def _curve(said: Array, outcome: Places) -> dict[str, list[float]]:
    bins = metrics.calibration(_right(said, outcome), said.max(axis=1))
    return {
        "predicted": bins.predicted.tolist(),
        "observed": bins.observed.tolist(),
        "size": bins.size.tolist(),
    }


def _right(said: Array, outcome: Places) -> Array:
    return (said.argmax(axis=1) == outcome).astype(float)


def _interval(values: Array, seed: int) -> list[float]:
    random = np.random.default_rng(seed)
    return metrics.interval(
        np.array([values[random.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)])
    )


def _log_loss(said: Array, outcome: Places) -> float:
    return float(-np.log(np.maximum(said[np.arange(len(outcome)), outcome], LEAST)).mean())


def _rates(outcome: Places, k: int) -> Array:
    return (np.bincount(outcome, minlength=k) + 1.0) / (len(outcome) + k)


def _normal(rows: Array) -> Array:
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def _joined(stretches: list[Choices]) -> Choices:
    return Choices(
        np.concatenate([one.shares for one in stretches]), np.concatenate([one.outcome for one in stretches])
    )
