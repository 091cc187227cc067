from __future__ import annotations

import numpy as np

from segments.algorithms.methods.kmeans import KMeansGroups


def test_the_largest_group_comes_first():
    points = np.repeat([[0.0], [5.0], [9.0]], [20, 60, 40], axis=0) + np.linspace(0, 0.1, 120)[:, None]
    estimator = KMeansGroups(3).fit(points, 0)
    assert np.bincount(estimator.assign(points)).tolist() == [60, 40, 20]
    assert estimator.selection is None


def test_a_number_that_was_not_given_is_chosen_by_stability():
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(centre, 0.3, (150, 2)) for centre in ((0, 0), (5, 0), (0, 5))])
    estimator = KMeansGroups().fit(points, 1)
    assert (estimator.groups, estimator.selection.criterion) == (3, "stability")
