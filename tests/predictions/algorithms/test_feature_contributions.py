from __future__ import annotations

import numpy as np
import pytest

from predictions.algorithms import feature_contributions
from predictions.algorithms.estimators import ESTIMATORS
from predictions.algorithms.training_windows import TrainingWindow
from tests.predictions.algorithms.planted import COLUMNS, planted_window


@pytest.fixture(scope="module")
def windows() -> list[TrainingWindow]:
    return [planted_window(seed) for seed in range(4)]


def test_boosted_paths_know_gaps_and_columns_of_which_nothing_is_known(windows):
    values = windows[0].values.copy()
    values[::3, 2], values[:, 4] = np.nan, np.nan
    boosting = ESTIMATORS["boosting"](COLUMNS, 0).fit(values, windows[0].outcome)
    parts, _exact = boosting.explain(values, values)
    assert parts.base + parts.contributions(values).sum(axis=1) == pytest.approx(boosting.score(values))
    assert not parts.contributions(values)[:, 4].any()


@pytest.mark.parametrize("name", ["svm_kernel", "bgnbd"])
def test_a_surrogate_knows_its_fidelity(windows, name):
    estimator = ESTIMATORS[name](COLUMNS, 0).fit(windows[0].values, windows[0].outcome)
    parts, fidelity = estimator.explain(windows[0].values, windows[1].values)
    values, score = windows[2].values, estimator.score(windows[2].values)
    missed = score - parts.base - parts.contributions(values).sum(axis=1)
    assert 0.4 < fidelity <= 1
    assert 1 - missed.var() / score.var() == pytest.approx(fidelity, abs=0.1)


def test_points_add_up_to_the_difference_from_the_typical_customer():
    parts = np.array([[0.5, -0.2], [2.0, 1.0], [-3.0, 3.0]])
    points = feature_contributions.in_points(
        parts, -1.0, parts.sum(axis=1) - 1.0, lambda score: 1 / (1 + np.exp(-score))
    )
    typical = 1 / (1 + np.exp(1.0))
    assert points.sum(axis=1) == pytest.approx(1 / (1 + np.exp(1.0 - parts.sum(axis=1))) - typical)
    assert (np.sign(points) == np.sign(parts)).all()


def test_the_points_of_a_surrogate_are_stretched_to_the_score_but_not_turned():
    parts, score = np.array([[0.5, 0.5], [0.5, 0.5], [0.1, 0.1]]), np.array([1.0, -2.0, 4.0])
    points = feature_contributions.in_points(parts, -1.0, score, lambda score: 1 / (1 + np.exp(-score)))
    typical = 1 / (1 + np.exp(1.0))
    # stretched to the score, and where that is on the other side or too far, as the surrogate has it
    seen = [1.0, 0.0, -0.8]
    assert points.sum(axis=1) == pytest.approx(1 / (1 + np.exp(-np.array(seen))) - typical)
