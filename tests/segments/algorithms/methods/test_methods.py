"""What only one method promises."""

from __future__ import annotations

import numpy as np

from segments.algorithms import rfm
from segments.algorithms.methods import FactorGroups, KMeansGroups, MixtureGroups, RfmClasses
from segments.algorithms.methods.factors import strongest_features


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


def test_rfm_assigns_those_it_was_fitted_on_as_the_ranks_do():
    random = np.random.default_rng(6)
    values = np.column_stack(
        [random.integers(0, 40, 500), random.poisson(2, 500), random.gamma(2, 50, 500).round()]
    ).astype(float)
    ranks = np.column_stack(
        [
            rfm.scores(values[:, 0], high_is_good=False),
            *(rfm.scores(one, high_is_good=True, ties="min") for one in values[:, 1:].T),
        ]
    )
    fitted = RfmClasses().fit(values, 0)
    assert (fitted.scores(values) == ranks).all()
    assert (fitted.assign(values) == rfm.classes(ranks)).all()


def test_rfm_says_from_where_to_where_a_score_goes():
    random = np.random.default_rng(6)
    values = np.column_stack(
        [random.integers(0, 40, 500), random.poisson(2, 500), random.gamma(2, 50, 500).round()]
    ).astype(float)
    fitted = RfmClasses.from_json(RfmClasses().fit(values, 0).as_json())
    scored = fitted.scores(values)
    for column, ranges in enumerate(fitted.ranges()):
        for score, ends in enumerate(ranges, start=1):
            mine = values[scored[:, column] == score, column]
            if ends is None:
                assert not len(mine)
            else:
                low, high = ends
                assert ((low <= mine) & (mine < high) if column == 0 else (low < mine) & (mine <= high)).all()
