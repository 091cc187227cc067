from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backoffice.fields import to_json
from predictions.algorithms import metrics
from predictions.algorithms.estimators import ESTIMATORS, has_bought
from predictions.algorithms.purchase import NEAR_BEST, train
from predictions.algorithms.reasons import decode
from predictions.algorithms.training_windows import TrainingWindow
from tests.predictions.algorithms.planted import COLUMNS, KEYS, planted_window

QUICK = ("rfm", "bgnbd", "logistic")


@pytest.fixture(scope="module")
def windows() -> list[TrainingWindow]:
    return [planted_window(seed) for seed in range(4)]


def test_every_candidate_beats_a_coin_and_reports(windows):
    trained = train(windows, windows[-1].values, COLUMNS, 0)
    rows = {row.name: row for row in trained.candidates}
    assert set(rows) == set(ESTIMATORS)
    for row in rows.values():
        assert row.interval[0] <= row.auc <= row.interval[1]
        assert row.auc > 0.6
        assert 0 <= row.calibration_error < 0.1
    near = max(row.validation_auc for row in rows.values()) - NEAR_BEST
    best = min(
        (row for row in rows.values() if row.validation_auc >= near), key=lambda row: row.validation_log_loss
    )
    assert trained.champion == best.name
    assert to_json(best)["name"] == best.name


def test_the_same_data_and_seed_give_the_same_to_the_byte(windows):
    def run() -> bytes:
        trained = train(windows, windows[-1].values, COLUMNS, 5, names=("logistic", "forest", "boosting"))
        values = windows[-1].values
        return (
            repr(trained.candidates).encode()
            + trained.probability(values).tobytes()
            + trained.reasons(values, 3).tobytes()
        )

    assert run() == run()


def test_the_outcomes_of_the_test_choose_nothing(windows):
    random = np.random.default_rng(0)
    scrambled = replace(windows[-1], outcome=random.permutation(windows[-1].outcome))
    first = train(windows, windows[-1].values, COLUMNS, 0, names=QUICK)
    second = train([*windows[:-1], scrambled], windows[-1].values, COLUMNS, 0, names=QUICK)
    assert first.champion == second.champion
    assert [(row.name, row.validation_auc) for row in first.candidates] == [
        (row.name, row.validation_auc) for row in second.candidates
    ]


def test_missing_infinite_and_giant_values_do_no_harm(windows):
    spoilt = []
    for clean in windows:
        values = clean.values.copy()
        values[::7, 2], values[1::7, 2], values[3] = np.nan, np.inf, [1, 1e6, 1e12, 400, 7]
        values[:, 4] = np.nan  # nothing at all is known
        spoilt.append(TrainingWindow(values, clean.outcome))
    trained = train(spoilt, spoilt[-1].values, COLUMNS, 0)
    assert {row.name for row in trained.candidates} == set(ESTIMATORS)
    probability = trained.probability(np.vstack([spoilt[-1].values, [np.inf, -np.inf, np.nan, 0, 0]]))
    assert ((probability > 0) & (probability < 1)).all()


def test_probabilities_are_calibrated(windows):
    fresh = planted_window(99, 20_000)
    trained = train(windows, fresh.values, COLUMNS, 0, names=("logistic",))
    assert metrics.calibration(fresh.outcome, trained.probability(fresh.values)).error < 0.03


def test_a_recent_order_speaks_for_buying(windows):
    trained = train(windows, windows[-1].values, COLUMNS, 0, names=("logistic",))
    lately, long_ago = np.array([[1.0, 5, 100, 200, 7]]), np.array([[190.0, 5, 100, 200, 7]])
    assert trained.probability(lately) > trained.probability(long_ago)
    why = decode(trained.reasons(lately, 1)[0])
    (first,) = why.contributions
    assert (KEYS[first.feature], first.amount > 0, first.figure) == ("recency", True, 1.0)
    assert why.typical is not None


def test_those_who_never_bought_have_a_level_of_their_own():
    def with_visitors(seed: int) -> TrainingWindow:
        bought = planted_window(seed)
        values = np.vstack([bought.values, np.tile([np.nan, 0, 0, np.nan, 7], (600, 1))])
        return TrainingWindow(values, np.append(bought.outcome, np.arange(600) % 100 == 0))

    windows = [with_visitors(seed) for seed in range(4)]
    fresh = with_visitors(9)
    trained = train(windows, fresh.values, COLUMNS, 0, names=("logistic",))
    probability, kind = trained.probability(fresh.values), has_bought(COLUMNS, fresh.values)
    assert probability[kind == 0].mean() == pytest.approx(0.01, abs=0.003)
    assert probability[kind == 1].mean() == pytest.approx(fresh.outcome[kind == 1].mean(), abs=0.03)
