from __future__ import annotations

import numpy as np
import pytest

from segments.algorithms import clustering
from segments.algorithms.drift import SHIFTED, Distribution, noise, stability_index


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
