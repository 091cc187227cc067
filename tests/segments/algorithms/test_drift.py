from __future__ import annotations

import numpy as np
import pytest

from segments.algorithms import clustering
from segments.algorithms.drift import SHIFTED, Distribution, noise, stability_index
from segments.algorithms.surrogate import FAITHFUL, surrogate


def test_the_index_by_hand():
    then = Distribution(edges=[0.0], shares=[0.5, 0.5], mean=0.0)
    now = np.array([-1.0] * 25 + [1.0] * 75)
    assert stability_index(then, now) == pytest.approx(-0.25 * np.log(0.5) + 0.25 * np.log(1.5))


def test_the_same_population_has_not_shifted_and_another_has():
    random = np.random.default_rng(0)
    spread = Distribution.of(random.lognormal(3, 1, 5_000))
    assert stability_index(spread, random.lognormal(3, 1, 5_000)) < 0.01
    assert stability_index(spread, random.lognormal(3.8, 1, 5_000)) > SHIFTED


@pytest.mark.parametrize("values", [np.zeros(100), np.append(np.zeros(99), 1e12)])
def test_constant_features_and_one_giant_customer_are_no_drift(values):
    assert stability_index(Distribution.of(values), values) == 0.0
    assert np.isfinite(stability_index(Distribution.of(values), values + 1))


def test_clear_groups_are_not_moved_by_chance_and_arbitrary_ones_are():
    random = np.random.default_rng(0)
    clear = np.vstack([random.normal(centre, 0.2, (300, 2)) for centre in ((0, 0), (5, 5))])
    assert noise(clear, clustering.cluster(clear, 2, 0).centres, 0) == 0.0
    vague = random.normal(size=(600, 2))
    assert noise(vague, clustering.cluster(vague, 5, 0).centres, 0) > 0.05


def test_a_tree_that_can_say_it_says_it_and_one_that_cannot_admits_it():
    random = np.random.default_rng(0)
    values = random.uniform(0, 100, (2_000, 2))
    by_column = (values[:, 0] > 40).astype(np.int64)
    said = surrogate(values, by_column, 2, 0)
    assert said.fidelity > 0.98
    low, high = said.rules
    assert low is not None
    assert high is not None
    assert low.bounds == [(0, None, pytest.approx(40, abs=1))]
    assert high.bounds == [(0, pytest.approx(40, abs=1), None)]
    assert (high.covers, high.precise) == (pytest.approx(1, abs=0.02), pytest.approx(1, abs=0.02))
    assert surrogate(values, random.integers(0, 2, 2_000), 2, 0).fidelity < FAITHFUL


def test_a_group_without_customers_has_no_rule():
    values = np.arange(40.0)[:, None]
    assert surrogate(values, np.zeros(40, dtype=np.int64), 2, 0).rules[1] is None
