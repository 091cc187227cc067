from __future__ import annotations

import numpy as np

from recommendations.algorithms.methods.graph import GraphFilter
from tests.recommendations.algorithms.shops import random_shop, two_tastes


def test_without_the_smooth_part_weights_are_two_steps_in_the_graph():
    facts = random_shop()
    fitted = GraphFilter(GraphFilter.Parameters(smooth=0.0)).fit(facts)
    held = facts.confidence.toarray().astype(np.float64)
    scaled = held / np.sqrt(held.sum(axis=1))[:, None] / np.sqrt(held.sum(axis=0))[None, :]
    expected = scaled.T @ scaled
    np.fill_diagonal(expected, 0)
    assert np.allclose(fitted.weights_, expected, atol=1e-5)


def test_the_smooth_part_projects_on_the_largest_eigenvectors():
    facts = random_shop()
    plain, smooth = (GraphFilter(GraphFilter.Parameters(weight)).fit(facts) for weight in (0.0, 2.0))
    added = (smooth.weights_ - plain.weights_) / 2
    held = facts.confidence.toarray().astype(np.float64)
    roots = np.sqrt(held.sum(axis=0))
    scaled = held / np.sqrt(held.sum(axis=1))[:, None] / roots[None, :]
    _values, vectors = np.linalg.eigh(scaled.T @ scaled)
    top = vectors[:, -(len(roots) // 4) :]
    expected = (top / roots[:, None]) @ (top * roots[:, None]).T
    np.fill_diagonal(expected, 0)
    assert np.allclose(added, expected, atol=1e-5)


def test_tastes_with_nothing_in_common_have_no_weights_between_them():
    weights = GraphFilter(GraphFilter.Parameters(0.0)).fit(two_tastes()).weights_
    assert (weights[::2, 1::2] == 0).all()
