from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from segments.algorithms import attribution, judging
from segments.algorithms.candidates import FACTORIES, Columns
from segments.algorithms.propensity import Calibrator, Stretch, learn, rate_table

KEYS = ["recency", "frequency", "monetary", "tenure", "constant"]
COLUMNS = Columns(KEYS, np.array([True, True, True, True, False]), 30.0)
QUICK = ("rfm", "bgnbd", "logistic")


def stretch(seed: int, n: int = 1500) -> Stretch:
    """Customers who buy again the likelier the more lately and often they bought."""
    random = np.random.default_rng(seed)
    tenure = random.uniform(30, 400, n)
    frequency = 1.0 + random.poisson(random.gamma(1.0, 3.0, n))
    recency = tenure * np.where(frequency > 1, random.beta(1, 2, n), 1)
    chance = 1 / (1 + np.exp(2.2 * np.log1p(recency / 20) - 1.1 * np.log(frequency)))
    values = np.column_stack([recency, frequency, frequency * random.gamma(4, 10, n), tenure, np.full(n, 7.0)])
    return Stretch(values, (random.random(n) < chance).astype(float))


@pytest.fixture(scope="module")
def stretches() -> list[Stretch]:
    return [stretch(seed) for seed in range(4)]


def test_every_candidate_beats_a_coin_and_reports(stretches):
    learned = learn(stretches, stretches[-1].values, COLUMNS, 0)
    rows = {row["name"]: row for row in learned.report["candidates"]}
    assert set(rows) == set(FACTORIES)
    for row in rows.values():
        assert row["interval"][0] <= row["auc"] <= row["interval"][1]
        assert row["auc"] > 0.6
        assert 0 <= row["ece"] < 0.1
    assert learned.champion == max(rows.values(), key=lambda row: row["validation"])["name"]
    json.dumps(learned.report, allow_nan=False)


def test_the_same_data_and_seed_give_the_same_to_the_byte(stretches):
    def run() -> bytes:
        learned = learn(stretches, stretches[-1].values, COLUMNS, 5, names=("logistic", "forest", "boosting"))
        values = stretches[-1].values
        return json.dumps(learned.report).encode() + learned.probability(values).tobytes() + learned.reasons(values, 3).tobytes()

    assert run() == run()


def test_the_outcomes_of_the_test_choose_nothing(stretches):
    random = np.random.default_rng(0)
    scrambled = replace(stretches[-1], outcome=random.permutation(stretches[-1].outcome))
    one = learn(stretches, stretches[-1].values, COLUMNS, 0, names=QUICK)
    other = learn([*stretches[:-1], scrambled], stretches[-1].values, COLUMNS, 0, names=QUICK)
    assert one.champion == other.champion
    assert [row["validation"] for row in one.report["candidates"]] == [row["validation"] for row in other.report["candidates"]]


def test_missing_infinite_and_giant_values_do_no_harm(stretches):
    spoilt = []
    for one in stretches:
        values = one.values.copy()
        values[::7, 2], values[1::7, 2], values[3] = np.nan, np.inf, [1, 1e6, 1e12, 400, 7]
        values[:, 4] = np.nan  # nothing at all is known
        spoilt.append(Stretch(values, one.outcome))
    learned = learn(spoilt, spoilt[-1].values, COLUMNS, 0)
    assert {row["name"] for row in learned.report["candidates"]} == set(FACTORIES)
    said = learned.probability(np.vstack([spoilt[-1].values, [np.inf, -np.inf, np.nan, 0, 0]]))
    assert ((said > 0) & (said < 1)).all()


def test_probabilities_are_calibrated(stretches):
    fresh = stretch(99, 20_000)
    learned = learn(stretches, fresh.values, COLUMNS, 0, names=("logistic",))
    assert judging.calibration(fresh.outcome, learned.probability(fresh.values)).error < 0.03


@pytest.mark.parametrize("name", ["rfm", "logistic", "svm_linear", "forest"])
def test_exact_reasons_add_up_to_the_score(stretches, name):
    candidate = FACTORIES[name](COLUMNS, 0).fit(stretches[0].values, stretches[0].outcome)
    parts, fidelity = candidate.attribute(stretches[0].values, stretches[1].values)
    values = stretches[1].values
    assert fidelity == 1
    assert parts.base + parts.contributions(values).sum(axis=1) == pytest.approx(candidate.score(values))


def test_a_forest_of_paths_is_the_forest(stretches):
    forest = FACTORIES["forest"](COLUMNS, 0).fit(stretches[0].values, stretches[0].outcome)
    values = stretches[1].values
    assert forest.score(values) == pytest.approx(forest.paths_.forest.predict_proba(values)[:, 1])


@pytest.mark.parametrize("name", ["boosting", "svm_kernel", "bgnbd"])
def test_a_surrogate_says_how_faithful_it_is(stretches, name):
    candidate = FACTORIES[name](COLUMNS, 0).fit(stretches[0].values, stretches[0].outcome)
    parts, fidelity = candidate.attribute(stretches[0].values, stretches[1].values)
    values, score = stretches[2].values, candidate.score(stretches[2].values)
    missed = score - parts.base - parts.contributions(values).sum(axis=1)
    assert 0.5 < fidelity <= 1
    assert 1 - missed.var() / score.var() == pytest.approx(fidelity, abs=0.1)


def test_points_add_up_to_the_difference_from_the_usual_customer():
    parts = np.array([[0.5, -0.2], [2.0, 1.0], [-3.0, 3.0]])
    points = attribution.in_points(parts, -1.0, lambda score: 1 / (1 + np.exp(-score)))
    usual = 1 / (1 + np.exp(1.0))
    assert points.sum(axis=1) == pytest.approx(1 / (1 + np.exp(1.0 - parts.sum(axis=1))) - usual)
    assert (np.sign(points) == np.sign(parts)).all()


def test_a_recent_order_speaks_for_buying(stretches):
    learned = learn(stretches, stretches[-1].values, COLUMNS, 0, names=("logistic",))
    lately, long_ago = np.array([[1.0, 5, 100, 200, 7]]), np.array([[190.0, 5, 100, 200, 7]])
    assert learned.probability(lately) > learned.probability(long_ago)
    first = learned.reasons(lately, 1)[0]
    assert (KEYS[int(first[0])], first[1] > 0, first[2]) == ("recency", True, 1.0)


def test_calibrators_rise_and_meet_a_rate():
    random = np.random.default_rng(0)
    score = random.normal(size=5000)
    outcome = (random.random(5000) < 1 / (1 + np.exp(-score))).astype(float)
    for rows, method in ((slice(None), "isotonic"), (slice(300), "platt")):
        calibrator = Calibrator().fit(score[rows], outcome[rows]).meet(score, 0.2)
        said = calibrator(np.sort(score))
        assert calibrator.method == method
        assert (np.diff(said) >= 0).all()
        assert calibrator(score).mean() == pytest.approx(0.2, abs=1e-6)


def test_the_table_shrinks_small_cells_to_everybody(stretches):
    table = rate_table(stretches[:1], COLUMNS)
    said = table(stretches[1].values)
    assert said.mean() == pytest.approx(stretches[0].outcome.mean(), abs=0.05)
    assert 0 < said.min() < said.max() < 1


def test_auc_agrees_with_scikit_learn_with_ties():
    random = np.random.default_rng(0)
    outcome, score = (random.random(500) < 0.3).astype(float), random.integers(0, 9, 500).astype(float)
    assert judging.auc(outcome, score) == pytest.approx(roc_auc_score(outcome, score))
    low, high = judging.interval(judging.resampled_auc(outcome, score, 0))
    assert low < judging.auc(outcome, score) < high
    assert np.isnan(judging.auc(np.ones(5), np.arange(5.0)))


def test_gains_of_a_perfect_ranking_and_of_none():
    outcome = np.repeat([1.0, 0.0], [20, 80])
    perfect = judging.gains(outcome, outcome)
    assert perfect["gain"][3] == pytest.approx(1)  # the best 20 %
    assert perfect["lift"][0] == pytest.approx(5)
    assert judging.gains(outcome, np.zeros(100))["lift"] == pytest.approx([1.0] * 20)


def test_calibration_keeps_equal_probabilities_together():
    bins = judging.calibration(np.array([0.0, 1, 1, 0] * 25), np.full(100, 0.5))
    assert (bins.size.tolist(), bins.error) == ([100], 0)
