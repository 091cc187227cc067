from __future__ import annotations

import numpy as np

from segments.algorithms.methods.factors import FactorGroups, strongest_features


def test_factors_gather_the_features_that_go_together():
    random = np.random.default_rng(4)
    buying, browsing = random.normal(size=(2, 2000))
    noise = random.normal(0, 0.4, (2000, 6))
    points = np.column_stack([buying, buying, buying, browsing, browsing, -browsing]) + noise
    estimator = FactorGroups(2).fit(points, 0)
    named = sorted(sorted(features) for features in strongest_features(estimator.loadings_))
    assert named == [[0, 1, 2], [3, 4, 5]]
    browsing_factor = estimator.loadings_[:, int(np.abs(estimator.loadings_[3]).argmax())]
    assert browsing_factor[3] * browsing_factor[5] < 0


def test_noise_has_one_factor_only():
    points = np.random.default_rng(5).normal(size=(3000, 6))
    assert FactorGroups(2).fit(points, 0).loadings_.shape[1] <= 2


def test_a_factor_is_named_by_its_strongest_features_at_least_by_one():
    loadings = np.array([[0.9, 0.1], [-0.5, 0.2], [0.3, -0.3]])
    assert strongest_features(loadings) == [[0, 1], [2]]
    assert strongest_features(loadings, most=1) == [[0], [2]]
