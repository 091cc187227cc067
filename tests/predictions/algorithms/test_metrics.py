from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from predictions.algorithms import metrics


def test_the_limit_of_the_error_leaves_room_for_chance():
    few, many = (np.resize([1.0, 0, 0, 0], n) for n in (200, 20_000))
    random = np.random.default_rng(0)
    for outcome in (few, many):
        true = random.uniform(0.1, 0.9, len(outcome))
        drawn = (random.random(len(true)) < true).astype(float)
        assert metrics.calibration(drawn, true).error < metrics.max_calibration_error(drawn)
    assert metrics.max_calibration_error(few) > 0.1
    assert metrics.MAX_CALIBRATION_ERROR < metrics.max_calibration_error(many) < 0.05
    rare = np.resize([1.0] + [0.0] * 99, 100_000)
    assert metrics.max_calibration_error(rare) < 0.01


def test_auc_agrees_with_scikit_learn_with_ties():
    random = np.random.default_rng(0)
    outcome, score = (random.random(500) < 0.3).astype(float), random.integers(0, 9, 500).astype(float)
    assert metrics.auc(outcome, score) == pytest.approx(roc_auc_score(outcome, score))
    low, high = metrics.interval(metrics.resampled_auc(outcome, score, 0))
    assert low < metrics.auc(outcome, score) < high
    assert np.isnan(metrics.auc(np.ones(5), np.arange(5.0)))


def test_gains_of_a_perfect_ranking_and_of_none():
    outcome = np.repeat([1.0, 0.0], [20, 80])
    perfect = metrics.gains(outcome, outcome)
    assert perfect.gain[3] == pytest.approx(1)  # the best 20 %
    assert perfect.lift[0] == pytest.approx(5)
    assert metrics.gains(outcome, np.zeros(100)).lift == pytest.approx([1.0] * 20)


def test_calibration_keeps_equal_probabilities_together():
    bins = metrics.calibration(np.array([0.0, 1, 1, 0] * 25), np.full(100, 0.5))
    assert (bins.size.tolist(), bins.error) == ([100], 0)


def test_curves_hold_gain_and_calibration_of_the_same_customers():
    outcome = np.resize([1.0, 0, 0, 0], 400)
    curves = metrics.curves(outcome, np.linspace(0.01, 0.99, 400))
    assert len(curves.gain) == metrics.CURVE
    assert sum(curves.size) == 400
    assert curves.gain[-1] == pytest.approx(1)
