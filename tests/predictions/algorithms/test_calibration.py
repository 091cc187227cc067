from __future__ import annotations

import numpy as np
import pytest

from predictions.algorithms import metrics
from predictions.algorithms.calibration import Calibrator
from predictions.algorithms.estimators import Unit


@pytest.mark.parametrize("unit", list(Unit))
def test_calibrators_rise_and_meet_a_rate(unit):
    random = np.random.default_rng(0)
    odds = random.normal(size=5000)
    outcome = (random.random(5000) < 1 / (1 + np.exp(-odds))).astype(float)
    score = 1 / (1 + np.exp(-odds)) if unit is Unit.SHARE else odds
    everybody = np.zeros(5000, dtype=np.intp)
    for rows, method in ((slice(None), "isotonic"), (slice(300), "beta")):
        calibrator = Calibrator(unit).fit(score[rows], outcome[rows]).meet(score, everybody, [0.2])
        probability = calibrator(np.sort(score))
        assert calibrator.method == method
        assert (np.diff(probability) >= 0).all()
        assert calibrator(score).mean() == pytest.approx(0.2, abs=1e-6)
        assert (
            metrics.calibration(outcome, Calibrator(unit).fit(score[rows], outcome[rows])(score)).error < 0.06
        )


def test_a_curve_mends_shares_that_are_too_sure():
    random = np.random.default_rng(1)
    truth = random.uniform(0.02, 0.4, 3000)
    outcome = (random.random(3000) < truth).astype(float)
    sure = truth**2 / (truth**2 + (1 - truth) ** 2)  # too low, and the lower the more
    probability = Calibrator(Unit.SHARE).fit(sure, outcome)(sure)
    assert metrics.calibration(outcome, sure).error > 0.1
    assert metrics.calibration(outcome, probability).error < 0.02


def test_nobody_is_certain():
    outcome = np.repeat([0.0, 1.0], 3000)
    probability = Calibrator(Unit.ODDS).fit(outcome * 8 - 4, outcome)(np.array([-50.0, -4, 4, 50]))
    assert 0.001 < probability.min() < probability.max() < 0.999


def test_the_older_window_shapes_the_curve_and_leaves_the_level():
    random = np.random.default_rng(2)
    score = random.normal(size=4000)
    older = np.repeat([0.0, 1.0], 2000)
    outcome = (random.random(4000) < 1 / (1 + np.exp(2 - score - 2 * older))).astype(float)
    calibrator = Calibrator(Unit.ODDS).fit(score, outcome, older)
    assert calibrator(score[:2000]).mean() == pytest.approx(outcome[:2000].mean(), abs=0.02)
