"""Who will do it? Several estimators compete on earlier time, the best is calibrated on the latest and tested on what it never saw.

A `Stretch` is one moment: what was known of customers then, and what each did afterwards. Stretches follow each other so that the
outcomes of one end where the next begins: nothing that is judged was known to what is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from segments.algorithms import attribution, judging
from segments.algorithms.candidates import BASELINE, FACTORIES, Attribution, BuyingClock, Candidate, Columns, Factory

Array = NDArray[np.float64]
ISOTONIC_FROM = 1_000  # positives and negatives: below, two parameters (Platt) are more than the data carry
LEAST = 1e-6  # no probability is 0 or 1
MOST_SHIFT = 30.0
TABLE_PRIOR = 20.0
LONG_AGO = 1e6  # days: the recency of somebody who never bought


@dataclass(frozen=True)
class Stretch:
    """`values`: n x p, NaN where nothing is known; `outcome`: n zeros and ones."""

    values: Array
    outcome: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _clean(self.values))


class Calibrator:
    """Score -> probability, rising; `shift` is added to its log-odds.

    Isotonic (Zadrozny & Elkan 2002) with enough data, else a logistic curve (Platt 1999).
    """

    shift = 0.0

    def fit(self, score: Array, outcome: Array) -> Self:
        positives = float(outcome.sum())
        if min(positives, len(outcome) - positives) >= ISOTONIC_FROM:
            least = 0.5 / len(outcome)
            found = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(score, outcome)
            self.knots_ = _centres(found.X_thresholds_, found.y_thresholds_)
            return self
        spread = float(score.std()) or 1.0
        self.centre_, self.spread_ = float(score.mean()), spread
        self.platt_ = LogisticRegression(C=1e3).fit((score[:, None] - self.centre_) / spread, outcome)
        return self

    def __call__(self, score: Array) -> Array:
        if hasattr(self, "knots_"):
            level = np.interp(score, *self.knots_)
        else:
            level = self.platt_.predict_proba((score[:, None] - self.centre_) / self.spread_)[:, 1]
        return np.asarray(expit(logit(np.clip(level, LEAST, 1 - LEAST)) + self.shift))

    def meet(self, score: Array, rate: float) -> Self:
        """Move the level until the mean probability of `score` is `rate`."""
        self.shift = 0.0
        odds = logit(self(score))
        self.shift = float(brentq(lambda shift: expit(odds + shift).mean() - rate, -MOST_SHIFT, MOST_SHIFT))
        return self

    @property
    def method(self) -> str:
        return "isotonic" if hasattr(self, "knots_") else "platt"


def _centres(scores: Array, levels: Array) -> tuple[Array, Array]:
    """The middle of each level stretch: a line through them rises everywhere, where the steps themselves make ties."""
    values, place = np.unique(levels, return_inverse=True)
    return np.bincount(place, scores) / np.bincount(place), values


@dataclass(frozen=True)
class Learned:
    """The champion, ready for today's customers. `report` is JSON-able: see `learn`; `tested` are the champion's probabilities on
    the test stretch."""

    champion: str
    candidate: Candidate
    calibrator: Calibrator
    attribution: Attribution
    tested: Array
    report: dict[str, Any]

    def probability(self, values: Array) -> Array:
        return self.calibrator(self.candidate.score(_clean(values)))

    def reasons(self, values: Array, most: int) -> Array:
        """n x 3 most: see `attribution.strongest`; contributions are in probability."""
        values = _clean(values)
        parts = self.attribution.contributions(values)
        points = attribution.in_points(parts, self.attribution.base, self.calibrator)
        return attribution.strongest(points, values, most)


def _clean(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)


def learn(
    stretches: Sequence[Stretch], today: Array, columns: Columns, seed: int, *, names: Iterable[str] = FACTORIES,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Learned:
    """Choose, calibrate, test. `stretches`: three or more, oldest first, each with both outcomes; `today`: those it is learned for.

    The last stretch is the test; the one before it chooses the champion (mean AUC with the stretch before that, where there is
    one) and calibrates; all earlier ones train. For use the champion is fitted again on all but the last stretch and calibrated
    on the last: what the test measured, one stretch later. The level of the probabilities follows the ageing of the customers
    from the stretch of calibration to the one predicted (see `_aged`).

    `report`: {"candidates": [{"name", "validation": auc, "auc", "interval", "brier", "ece", "curves", "beats": interval of the
    difference to the baseline}], "champion", "calibration", "fidelity", "rows": {"train", "calibrate", "test"}, "positives"}.
    Candidates that the data do not allow are left out.
    """
    *train, choose, test = stretches
    today = _clean(today)
    factories = {name: FACTORIES[name] for name in names}
    fitted = _fit_all(factories, train, columns, seed, watch)
    validation = {name: [judging.auc(choose.outcome, one.score(choose.values))] for name, one in fitted.items()}
    if len(train) > 1:
        earlier = _fit_all({name: factories[name] for name in fitted}, train[:-1], columns, seed, watch)
        for name, one in earlier.items():
            validation[name].append(judging.auc(train[-1].outcome, one.score(train[-1].values)))
    means = {name: float(np.mean(values)) for name, values in validation.items()}
    champion = max(means, key=lambda name: means[name])
    tested = _tested(fitted, choose, test, columns)
    rows = {name: _judged(name, tested, test.outcome, seed) for name in sorted(means, key=lambda name: -means[name])}
    learning = _joined(stretches[:-1])
    final = factories[champion](columns, seed).fit(learning.values, learning.outcome)
    calibrator = Calibrator().fit(final.score(test.values), test.outcome)
    calibrator.meet(final.score(today), _aged(columns, test, today))
    parts, fidelity = final.attribute(learning.values, test.values)
    return Learned(champion, final, calibrator, parts, tested[champion], {
        "champion": champion, "calibration": calibrator.method, "fidelity": fidelity,
        "candidates": [{"name": name, "validation": means[name], **row} for name, row in rows.items()],
        "rows": {"train": sum(len(one.outcome) for one in train), "calibrate": len(choose.outcome), "test": len(test.outcome)},
        "positives": int(test.outcome.sum()), "rate": float(test.outcome.mean()),
    })


def _aged(columns: Columns, known: Stretch, values: Array) -> float:
    """The share of positives to expect among `values`: that of `known`, changed as BG/NBD expects, by at most half.

    Customers who were new in one stretch are old in the next; in a shop that lost its stream of new ones every share falls, and
    the level of the latest stretch, taken as it is, would promise too much.
    """
    rate = float(known.outcome.mean())
    try:
        clock = BuyingClock(columns).fit(known.values, known.outcome)
    except ValueError:  # nobody bought twice: no clock
        return rate
    change = expit(clock.score(values)).mean() / expit(clock.score(known.values)).mean()
    return float(np.clip(rate * np.clip(change, 0.5, 1.5), LEAST, 1 - LEAST))


def rate_table(stretches: Sequence[Stretch], columns: Columns) -> Callable[[Array], Array]:
    """What is said when there is too little to learn from: the share of positives among those of like recency and frequency.

    Nine cells by thirds, each drawn towards everybody's share as if TABLE_PRIOR more customers of that share were in it. Returns
    values -> probabilities, shape (n,).
    """
    joined = _joined(stretches)
    at = columns.at("recency", "frequency")
    cuts = np.nanquantile(np.nan_to_num(joined.values[:, at], nan=LONG_AGO), (1 / 3, 2 / 3), axis=0).T

    def cell(values: Array) -> NDArray[np.intp]:
        recency, frequency = (np.searchsorted(cut, column) for cut, column in zip(
            cuts, np.nan_to_num(values[:, at], nan=LONG_AGO).T, strict=True))
        return np.asarray(recency * 3 + frequency)

    cells = cell(joined.values)
    size, positive = np.bincount(cells, minlength=9), np.bincount(cells, joined.outcome, minlength=9)
    rates = (positive + TABLE_PRIOR * joined.outcome.mean()) / (size + TABLE_PRIOR)
    return lambda values: np.asarray(rates[cell(values)])


def _joined(stretches: Sequence[Stretch]) -> Stretch:
    return Stretch(np.concatenate([one.values for one in stretches]), np.concatenate([one.outcome for one in stretches]))


def _fit_all(
    factories: dict[str, Factory], train: Sequence[Stretch], columns: Columns, seed: int,
    watch: Callable[[int, int], None],
) -> dict[str, Candidate]:
    joined, fitted = _joined(train), {}
    for done, (name, factory) in enumerate(factories.items()):
        watch(done, len(factories))
        try:
            fitted[name] = factory(columns, seed).fit(joined.values, joined.outcome)
        except ValueError:  # nothing varies, or nobody bought twice: not for these data
            continue
    return fitted


def _tested(fitted: dict[str, Candidate], choose: Stretch, test: Stretch, columns: Columns) -> dict[str, Array]:
    """Each candidate's probabilities on the test stretch, calibrated on the stretch before."""
    rate = _aged(columns, choose, test.values)
    probabilities = {}
    for name, one in fitted.items():
        score = one.score(test.values)
        probabilities[name] = Calibrator().fit(one.score(choose.values), choose.outcome).meet(score, rate)(score)
    return probabilities


def _judged(name: str, tested: dict[str, Array], outcome: Array, seed: int) -> dict[str, Any]:
    """The figures of one candidate, with its AUC's interval and that of its lead over the baseline."""
    resampled = judging.resampled_auc(outcome, tested[name], seed)
    row = {"interval": judging.interval(resampled), **judging.judge(outcome, tested[name])}
    if BASELINE in tested and name != BASELINE:
        row["beats"] = judging.interval(resampled - judging.resampled_auc(outcome, tested[BASELINE], seed))
    return row
