from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from predictions.algorithms import feature_contributions, metrics
from predictions.algorithms.estimators import FACTORIES, Columns, Unit
from predictions.algorithms.purchase import NEAR_BEST, Calibrator, RateTable, Stretch, bought, learn

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
    values = np.column_stack(
        [recency, frequency, frequency * random.gamma(4, 10, n), tenure, np.full(n, 7.0)]
    )
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
    near = max(row["validation"] for row in rows.values()) - NEAR_BEST
    assert (
        learned.champion
        == min((row for row in rows.values() if row["validation"] >= near), key=lambda row: row["loss"])[
            "name"
        ]
    )
    json.dumps(learned.report, allow_nan=False)


def test_the_same_data_and_seed_give_the_same_to_the_byte(stretches):
    def run() -> bytes:
        learned = learn(stretches, stretches[-1].values, COLUMNS, 5, names=("logistic", "forest", "boosting"))
        values = stretches[-1].values
        return (
            json.dumps(learned.report).encode()
            + learned.probability(values).tobytes()
            + learned.reasons(values, 3).tobytes()
        )

    assert run() == run()


def test_the_outcomes_of_the_test_choose_nothing(stretches):
    random = np.random.default_rng(0)
    scrambled = replace(stretches[-1], outcome=random.permutation(stretches[-1].outcome))
    one = learn(stretches, stretches[-1].values, COLUMNS, 0, names=QUICK)
    other = learn([*stretches[:-1], scrambled], stretches[-1].values, COLUMNS, 0, names=QUICK)
    assert one.champion == other.champion
    assert [row["validation"] for row in one.report["candidates"]] == [
        row["validation"] for row in other.report["candidates"]
    ]


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
    assert metrics.calibration(fresh.outcome, learned.probability(fresh.values)).error < 0.03


@pytest.mark.parametrize("name", ["rfm", "logistic", "svm_linear", "forest", "boosting"])
def test_exact_reasons_add_up_to_the_score(stretches, name):
    candidate = FACTORIES[name](COLUMNS, 0).fit(stretches[0].values, stretches[0].outcome)
    parts, fidelity = candidate.attribute(stretches[0].values, stretches[1].values)
    values = stretches[1].values
    assert fidelity == 1
    assert parts.base + parts.contributions(values).sum(axis=1) == pytest.approx(candidate.score(values))


def test_boosted_paths_know_gaps_and_columns_of_which_nothing_is_known(stretches):
    values = stretches[0].values.copy()
    values[::3, 2], values[:, 4] = np.nan, np.nan
    boosting = FACTORIES["boosting"](COLUMNS, 0).fit(values, stretches[0].outcome)
    parts, _exact = boosting.attribute(values, values)
    assert parts.base + parts.contributions(values).sum(axis=1) == pytest.approx(boosting.score(values))
    assert not parts.contributions(values)[:, 4].any()


def test_a_baseline_that_ranks_the_wrong_way_is_read_the_other_way_round(stretches):
    values, outcome = stretches[0].values, stretches[0].outcome
    rising, falling = (FACTORIES["rfm"](COLUMNS, 0).fit(values, one) for one in (outcome, 1 - outcome))
    assert metrics.auc(outcome, rising.score(values)) > 0.5
    assert (falling.score(values) == -rising.score(values)).all()
    parts, _exact = falling.attribute(values, values)
    assert parts.base + parts.contributions(values).sum(axis=1) == pytest.approx(falling.score(values))


def test_a_forest_of_paths_is_the_forest(stretches):
    forest = FACTORIES["forest"](COLUMNS, 0).fit(stretches[0].values, stretches[0].outcome)
    values = stretches[1].values
    assert forest.score(values) == pytest.approx(forest.paths_.forest.predict_proba(values)[:, 1])


@pytest.mark.parametrize("name", ["svm_kernel", "bgnbd"])
def test_a_surrogate_says_how_faithful_it_is(stretches, name):
    candidate = FACTORIES[name](COLUMNS, 0).fit(stretches[0].values, stretches[0].outcome)
    parts, fidelity = candidate.attribute(stretches[0].values, stretches[1].values)
    values, score = stretches[2].values, candidate.score(stretches[2].values)
    missed = score - parts.base - parts.contributions(values).sum(axis=1)
    assert 0.4 < fidelity <= 1
    assert 1 - missed.var() / score.var() == pytest.approx(fidelity, abs=0.1)


def test_points_add_up_to_the_difference_from_the_usual_customer():
    parts = np.array([[0.5, -0.2], [2.0, 1.0], [-3.0, 3.0]])
    points = feature_contributions.in_points(
        parts, -1.0, parts.sum(axis=1) - 1.0, lambda score: 1 / (1 + np.exp(-score))
    )
    usual = 1 / (1 + np.exp(1.0))
    assert points.sum(axis=1) == pytest.approx(1 / (1 + np.exp(1.0 - parts.sum(axis=1))) - usual)
    assert (np.sign(points) == np.sign(parts)).all()


def test_the_points_of_a_stand_in_are_stretched_to_the_score_but_not_turned():
    parts, score = np.array([[0.5, 0.5], [0.5, 0.5], [0.1, 0.1]]), np.array([1.0, -2.0, 4.0])
    points = feature_contributions.in_points(parts, -1.0, score, lambda score: 1 / (1 + np.exp(-score)))
    usual = 1 / (1 + np.exp(1.0))
    seen = [
        1.0,
        0.0,
        -0.8,
    ]  # what it is stretched to: the score, and where that is on the other side or too far, what it says
    assert points.sum(axis=1) == pytest.approx(1 / (1 + np.exp(-np.array(seen))) - usual)


def test_a_recent_order_speaks_for_buying(stretches):
    learned = learn(stretches, stretches[-1].values, COLUMNS, 0, names=("logistic",))
    lately, long_ago = np.array([[1.0, 5, 100, 200, 7]]), np.array([[190.0, 5, 100, 200, 7]])
    assert learned.probability(lately) > learned.probability(long_ago)
    first = learned.reasons(lately, 1)[0]
    assert (KEYS[int(first[0])], first[1] > 0, first[2]) == ("recency", True, 1.0)


@pytest.mark.parametrize("unit", list(Unit))
def test_calibrators_rise_and_meet_a_rate(unit):
    random = np.random.default_rng(0)
    odds = random.normal(size=5000)
    outcome = (random.random(5000) < 1 / (1 + np.exp(-odds))).astype(float)
    score = 1 / (1 + np.exp(-odds)) if unit is Unit.SHARE else odds
    everybody = np.zeros(5000, dtype=np.intp)
    for rows, method in ((slice(None), "isotonic"), (slice(300), "beta")):
        calibrator = Calibrator(unit).fit(score[rows], outcome[rows]).meet(score, everybody, [0.2])
        said = calibrator(np.sort(score))
        assert calibrator.method == method
        assert (np.diff(said) >= 0).all()
        assert calibrator(score).mean() == pytest.approx(0.2, abs=1e-6)
        assert (
            metrics.calibration(outcome, Calibrator(unit).fit(score[rows], outcome[rows])(score)).error < 0.06
        )


def test_a_curve_mends_shares_that_are_too_sure():
    random = np.random.default_rng(1)
    truth = random.uniform(0.02, 0.4, 3000)
    outcome = (random.random(3000) < truth).astype(float)
    sure = truth**2 / (truth**2 + (1 - truth) ** 2)  # too low, and the lower the more
    said = Calibrator(Unit.SHARE).fit(sure, outcome)(sure)
    assert metrics.calibration(outcome, sure).error > 0.1
    assert metrics.calibration(outcome, said).error < 0.02


def test_nobody_is_certain():
    outcome = np.repeat([0.0, 1.0], 3000)
    said = Calibrator(Unit.ODDS).fit(outcome * 8 - 4, outcome)(np.array([-50.0, -4, 4, 50]))
    assert 0.001 < said.min() < said.max() < 0.999


def test_those_who_never_bought_have_a_level_of_their_own():
    def with_visitors(seed: int) -> Stretch:
        one = stretch(seed)
        values = np.vstack([one.values, np.tile([np.nan, 0, 0, np.nan, 7], (600, 1))])
        return Stretch(values, np.append(one.outcome, np.arange(600) % 100 == 0))

    stretches = [with_visitors(seed) for seed in range(4)]
    fresh = with_visitors(9)
    learned = learn(stretches, fresh.values, COLUMNS, 0, names=("logistic",))
    said, kind = learned.probability(fresh.values), bought(COLUMNS, fresh.values)
    assert said[kind == 0].mean() == pytest.approx(0.01, abs=0.003)
    assert said[kind == 1].mean() == pytest.approx(fresh.outcome[kind == 1].mean(), abs=0.03)


def test_the_older_stretch_shapes_the_curve_and_leaves_the_level():
    random = np.random.default_rng(2)
    score = random.normal(size=4000)
    older = np.repeat([0.0, 1.0], 2000)
    outcome = (random.random(4000) < 1 / (1 + np.exp(2 - score - 2 * older))).astype(float)
    calibrator = Calibrator(Unit.ODDS).fit(score, outcome, older)
    assert calibrator(score[:2000]).mean() == pytest.approx(outcome[:2000].mean(), abs=0.02)


def test_the_limit_of_the_error_leaves_room_for_chance():
    few, many = (np.resize([1.0, 0, 0, 0], n) for n in (200, 20_000))
    random = np.random.default_rng(0)
    for outcome in (few, many):
        true = random.uniform(0.1, 0.9, len(outcome))
        drawn = (random.random(len(true)) < true).astype(float)
        assert metrics.calibration(drawn, true).error < metrics.most_off(drawn)
    assert metrics.most_off(few) > 0.1
    assert metrics.MOST_OFF < metrics.most_off(many) < 0.05
    rare = np.resize([1.0] + [0.0] * 99, 100_000)
    assert metrics.most_off(rare) < 0.01


def test_the_table_is_of_the_latest_time_and_shrinks_small_cells(stretches):
    rare = replace(stretches[0], outcome=np.zeros(1500))
    table = RateTable.of([rare, stretches[1]], COLUMNS)
    said = table.probability(stretches[1].values)
    assert said.mean() == pytest.approx(stretches[1].outcome.mean(), abs=0.005)
    assert 0 < said.min() < said.max() < 1
    cells = table.as_json()
    assert sum(cell["customers"] for cell in cells) == 1500
    assert sum(cell["positives"] for cell in cells) == stretches[1].outcome.sum()
    place = table.cell(stretches[1].values)
    for row in (0, 700):
        (more, most), (fewer, often) = cells[place[row]]["recency"], cells[place[row]]["orders"]
        assert (more or -1) < stretches[1].values[row, 0] <= (most or np.inf)
        assert (fewer or 0) < stretches[1].values[row, 1] <= (often or np.inf)


def test_the_table_keeps_those_apart_who_never_ordered():
    values = np.array([[np.nan, 0, 0, np.nan, 7]] * 200 + [[30.0, 1, 10, 30, 7]] * 200)
    table = RateTable.of([Stretch(values, np.repeat([0.0, 1.0], 200))], COLUMNS)
    assert table.cell(values).tolist() == [0] * 200 + [1] * 200
    assert table.probability(values)[0] < 0.06
    nobody = RateTable.of([Stretch(values[:200], np.zeros(200))], COLUMNS)
    assert 0 < nobody.probability(values).max() < 0.001


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
    assert perfect["gain"][3] == pytest.approx(1)  # the best 20 %
    assert perfect["lift"][0] == pytest.approx(5)
    assert metrics.gains(outcome, np.zeros(100))["lift"] == pytest.approx([1.0] * 20)


def test_calibration_keeps_equal_probabilities_together():
    bins = metrics.calibration(np.array([0.0, 1, 1, 0] * 25), np.full(100, 0.5))
    assert (bins.size.tolist(), bins.error) == ([100], 0)
