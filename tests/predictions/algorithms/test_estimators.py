from __future__ import annotations

import pytest

from predictions.algorithms import metrics
from predictions.algorithms.estimators import ESTIMATORS
from predictions.algorithms.training_windows import TrainingWindow
from tests.predictions.algorithms.planted import COLUMNS, planted_window


@pytest.fixture(scope="module")
def windows() -> list[TrainingWindow]:
    return [planted_window(seed) for seed in range(4)]


def test_a_baseline_that_ranks_the_wrong_way_is_read_the_other_way_round(windows):
    values, outcome = windows[0].values, windows[0].outcome
    rising, falling = (ESTIMATORS["rfm"](COLUMNS, 0).fit(values, labels) for labels in (outcome, 1 - outcome))
    assert metrics.auc(outcome, rising.score(values)) > 0.5
    assert (falling.score(values) == -rising.score(values)).all()
    parts, _exact = falling.explain(values, values)
    assert parts.base + parts.contributions(values).sum(axis=1) == pytest.approx(falling.score(values))


def test_a_forest_of_paths_is_the_forest(windows):
    forest = ESTIMATORS["forest"](COLUMNS, 0).fit(windows[0].values, windows[0].outcome)
    values = windows[1].values
    assert forest.score(values) == pytest.approx(forest.paths_.forest.predict_proba(values)[:, 1])


@pytest.mark.parametrize("name", ["rfm", "logistic", "svm_linear", "forest", "boosting"])
def test_exact_contributions_add_up_to_the_score(windows, name):
    estimator = ESTIMATORS[name](COLUMNS, 0).fit(windows[0].values, windows[0].outcome)
    parts, fidelity = estimator.explain(windows[0].values, windows[1].values)
    values = windows[1].values
    assert fidelity == 1
    assert parts.base + parts.contributions(values).sum(axis=1) == pytest.approx(estimator.score(values))
