from __future__ import annotations

import numpy as np

from segments.algorithms.methods import KMeansGroups, MixtureGroups


def test_between_two_groups_the_mixture_is_unsure():
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(-2, 0.5, (300, 2)), random.normal(2, 0.5, (300, 2))])
    mixture = MixtureGroups(2).fit(points, 0)
    sure = mixture.probabilities(np.array([[-2.0, -2.0], [0.0, 0.0], [2.0, 2.0]]))
    assert np.allclose(sure.sum(axis=1), 1)
    assert sure[[0, 2]].max(axis=1).min() > 0.99
    assert sure[1].max() < 0.95


def test_a_tight_group_inside_a_wide_one_is_found_by_the_mixture():
    """k-means would cut the wide group in two."""
    random = np.random.default_rng(2)
    points = np.concatenate([random.normal(0, 0.2, (400, 2)), random.normal(0.8, 3, (400, 2))])
    labels = MixtureGroups(2).fit(points, 0).assign(points)
    agreement = (labels == np.repeat([0, 1], 400)).mean()
    assert max(agreement, 1 - agreement) > 0.95
    assert (
        max(
            (KMeansGroups(2).fit(points, 0).assign(points) == np.repeat(wide, 400)).mean()
            for wide in ([0, 1], [1, 0])
        )
        < 0.9
    )
