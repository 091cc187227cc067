"""Who will buy? Several estimators compete on earlier windows, the best is calibrated on the latest and
tested on what it never saw.

Training windows follow each other so that the outcomes of one end where the next begins: nothing that an
estimator is tested on was known when it was fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from predictions.algorithms import metrics, reasons
from predictions.algorithms.calibration import ISOTONIC_FROM, LEAST, Calibrator
from predictions.algorithms.estimators import (
    ESTIMATORS,
    BuyingRhythm,
    Columns,
    EstimatorFactory,
    FeatureContributions,
    PurchaseEstimator,
    Unit,
    has_bought,
)
from predictions.algorithms.feature_contributions import in_points, strongest
from predictions.algorithms.training_windows import TrainingWindow, joined, without_infinity
from predictions.cards import PURCHASE_BASELINE, EstimatorMetrics, RowCounts

Array = NDArray[np.float64]
NEAR_BEST = 0.01  # of AUC: closer than a test can tell apart
MOST_AGEING = 0.5  # a part of the share of positives: further from the latest window no level is moved


@dataclass(frozen=True)
class TrainedPurchase:
    """The champion, ready for today's customers, and how the candidates did on the test window.

    `tested` are the champion's probabilities there, `rate` the share of `positives` there; from
    `max_calibration_error` on probabilities are not to be put in force; `fidelity`: the part of the score's
    variance that the contributions explain.
    """

    champion: str
    estimator: PurchaseEstimator
    calibrator: Calibrator
    explanation: FeatureContributions
    columns: Columns
    fidelity: float
    candidates: tuple[EstimatorMetrics, ...]
    rows: RowCounts
    tested: Array
    positives: int
    rate: float
    max_calibration_error: float

    def probability(self, values: Array) -> Array:
        """The probability to buy of customers with these `values` (n x p). Shape (n,)."""
        values = without_infinity(values)
        return self.calibrator(self.estimator.score(values), has_bought(self.columns, values))

    def reasons(self, values: Array, most: int) -> Array:
        """The `most` strongest contributions to each probability, encoded (see `reasons`)."""
        values = without_infinity(values)
        kind, parts = has_bought(self.columns, values), self.explanation.contributions(values)
        base = self.explanation.base
        points = in_points(
            parts, base, self.estimator.score(values), lambda score: self.calibrator(score, kind)
        )
        typical = self.calibrator(np.full(len(values), base), kind)
        return reasons.encode(*strongest(points, values, most), typical=typical)


def train(
    windows: Sequence[TrainingWindow],
    today: Array,
    columns: Columns,
    seed: int,
    *,
    names: Iterable[str] = ESTIMATORS,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> TrainedPurchase:
    """Choose, calibrate, test. `windows`: three or more, oldest first, each with both outcomes; `today`: the
    values of those it is trained for; `names`: the candidates, keys of ESTIMATORS.

    The last window is the test; the one before it chooses the champion, together with the window before
    that where there is one: the smallest log loss among those whose AUC is within NEAR_BEST of the best. Both
    calibrate, each with scores of what was fitted before it; all earlier windows train. For use the
    champion is fitted again on all but the last window and calibrated on the last: what the test measured,
    one window later. The level follows the ageing of the customers from the window of calibration to the
    one predicted (see `_levels`). Candidates that the data do not allow are left out.
    """
    *training, validation, test = windows
    today = without_infinity(today)
    factories = {name: ESTIMATORS[name] for name in names}
    fitted = _fit_all(factories, training, columns, seed, watch)
    earlier = (
        _fit_all({name: factories[name] for name in fitted}, training[:-1], columns, seed, watch)
        if len(training) > 1
        else {}
    )
    known = {
        name: _scored(estimator, validation, earlier.get(name), training[-1])
        for name, estimator in fitted.items()
    }
    measured = {
        name: (_mean(metrics.auc, scored), _mean(metrics.log_loss, scored)) for name, scored in known.items()
    }
    champion = _champion(measured)
    tested = {
        name: _calibrated(estimator, known[name], validation, test.values, columns)(
            estimator.score(test.values), has_bought(columns, test.values)
        )
        for name, estimator in fitted.items()
    }
    ranked = sorted(measured, key=lambda name: -measured[name][0])
    learning = joined(windows[:-1])
    final = factories[champion](columns, seed).fit(learning.values, learning.outcome)
    calibrator = _calibrated(final, _scored(final, test, fitted[champion], validation), test, today, columns)
    explanation, fidelity = final.explain(learning.values, test.values)
    return TrainedPurchase(
        champion=champion,
        estimator=final,
        calibrator=calibrator,
        explanation=explanation,
        columns=columns,
        fidelity=fidelity,
        candidates=tuple(_metrics(name, measured[name], tested, test.outcome, seed) for name in ranked),
        rows=RowCounts(
            train=sum(len(window.outcome) for window in training),
            calibrate=len(validation.outcome),
            test=len(test.outcome),
        ),
        tested=tested[champion],
        positives=int(test.outcome.sum()),
        rate=float(test.outcome.mean()),
        max_calibration_error=metrics.max_calibration_error(test.outcome),
    )


@dataclass(frozen=True)
class _Scored:
    """Scores of customers on whom the estimator was not fitted, and what they did."""

    unit: Unit
    score: Array
    outcome: Array


def _scored(
    estimator: PurchaseEstimator,
    latest: TrainingWindow,
    older: PurchaseEstimator | None,
    before: TrainingWindow,
) -> list[_Scored]:
    """The latest window as `estimator` scores it, then the one before as `older` does, which was fitted
    without it."""
    found = [_Scored(estimator.unit, estimator.score(latest.values), latest.outcome)]
    return [*found, _Scored(older.unit, older.score(before.values), before.outcome)] if older else found


def _mean(metric: Callable[[Array, Array], float], known: Sequence[_Scored]) -> float:
    """The mean of `metric` over the windows, each calibrated on itself."""
    return float(
        np.mean(
            [
                metric(
                    window.outcome,
                    Calibrator(window.unit).fit(window.score, window.outcome)(window.score),
                )
                for window in known
            ]
        )
    )


def _champion(validation: dict[str, tuple[float, float]]) -> str:
    """The smallest log loss among those that rank about as well as the best. `validation`: name -> (AUC, log
    loss)."""
    best = max(auc for auc, _loss in validation.values())
    near = [name for name, (auc, _loss) in validation.items() if auc >= best - NEAR_BEST]
    return min(near, key=lambda name: validation[name][1])


def _calibrated(
    estimator: PurchaseEstimator,
    known: Sequence[_Scored],
    latest: TrainingWindow,
    values: Array,
    columns: Columns,
) -> Calibrator:
    """The curve of the latest window, shaped by the one before as well where it has too few of either
    outcome for steps; at the level expected of `values`."""
    newest = known[0]
    curve = Calibrator(estimator.unit)
    if min(newest.outcome.sum(), (1 - newest.outcome).sum()) >= ISOTONIC_FROM or len(known) == 1:
        curve.fit(newest.score, newest.outcome)
    else:
        older = np.repeat([0.0, 1.0], [len(window.outcome) for window in known])
        curve.fit(
            np.concatenate([window.score for window in known]),
            np.concatenate([window.outcome for window in known]),
            older,
        )
    return curve.meet(estimator.score(values), has_bought(columns, values), _levels(columns, latest, values))


def _levels(columns: Columns, known: TrainingWindow, values: Array) -> tuple[float, float]:
    """The shares of positives to expect among `values`, of those who never bought and of those who did.

    Who never bought: as in the window `known`, half a positive and half a negative added (Jeffreys). Who
    did: as in `known`, changed as BG/NBD expects, by at most MOST_AGEING. Customers who were new in one
    window are old in the next; in a shop that lost its stream of new ones every share falls, and the level of
    the latest window, taken as it is, would promise too much.
    """
    kind, now = has_bought(columns, known.values), has_bought(columns, values)
    first, again = ((known.outcome[kind == k].sum() + 0.5, (kind == k).sum() + 1) for k in (0, 1))
    never, rate = first[0] / first[1], again[0] / again[1]
    if not (kind == 0).any():
        never = float(known.outcome.mean())
    try:
        rhythm = BuyingRhythm(columns).fit(known.values, known.outcome)
        change = (
            expit(rhythm.score(values[now == 1])).mean() / expit(rhythm.score(known.values[kind == 1])).mean()
        )
    except ValueError:  # nobody bought twice: there is no rhythm
        change = 1.0
    aged = rate * np.clip(np.nan_to_num(change, nan=1.0), 1 - MOST_AGEING, 1 + MOST_AGEING)
    return float(np.clip(never, LEAST, 1 - LEAST)), float(np.clip(aged, LEAST, 1 - LEAST))


def _fit_all(
    factories: dict[str, EstimatorFactory],
    windows: Sequence[TrainingWindow],
    columns: Columns,
    seed: int,
    watch: Callable[[int, int], None],
) -> dict[str, PurchaseEstimator]:
    rows, fitted = joined(windows), {}
    for done, (name, factory) in enumerate(factories.items()):
        watch(done, len(factories))
        try:
            fitted[name] = factory(columns, seed).fit(rows.values, rows.outcome)
        except ValueError:  # nothing varies, or nobody bought twice: not for these data
            continue
    return fitted


def _metrics(
    name: str, validation: tuple[float, float], tested: dict[str, Array], outcome: Array, seed: int
) -> EstimatorMetrics:
    """One candidate on the test window, with its AUC's interval and that of its lead over the baseline."""
    probability = tested[name]
    resampled = metrics.resampled_auc(outcome, probability, seed)
    lead = None
    if PURCHASE_BASELINE in tested and name != PURCHASE_BASELINE:
        lead = metrics.interval(resampled - metrics.resampled_auc(outcome, tested[PURCHASE_BASELINE], seed))
    return EstimatorMetrics(
        name,
        metrics.interval(resampled),
        metrics.calibration(outcome, probability).error,
        validation_auc=validation[0],
        validation_log_loss=validation[1],
        auc=metrics.auc(outcome, probability),
        brier=metrics.brier(outcome, probability),
        lead=lead,
        curves=metrics.curves(outcome, probability),
    )
