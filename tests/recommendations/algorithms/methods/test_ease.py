from __future__ import annotations

import numpy as np

from recommendations.algorithms.methods import ease
from recommendations.algorithms.methods.ease import SparseRegression
from tests.recommendations.algorithms.shops import random_shop

PARAMETERS = SparseRegression.Parameters(ridge=5.0)


def test_each_column_is_the_ridge_regression_on_the_others():
    facts = random_shop()
    fitted = SparseRegression(PARAMETERS).fit(facts)
    held = facts.confidence.toarray().astype(np.float64)
    others = np.delete(held, 4, axis=1)
    expected = np.linalg.solve(others.T @ others + 5.0 * np.eye(29), others.T @ held[:, 4])
    assert np.allclose(np.delete(fitted.weights_[:, 4], 4), expected, atol=1e-4)
    assert fitted.weights_[4, 4] == 0


def test_of_a_large_catalogue_the_most_held_are_used(monkeypatch):
    monkeypatch.setattr(ease, "MOST_PRODUCTS", 7)
    facts = random_shop()
    fitted = SparseRegression(PARAMETERS).fit(facts)
    holders = np.diff(facts.confidence.tocsc().indptr)
    assert holders[fitted.chosen_].min() >= np.delete(holders, fitted.chosen_).max()
    items, _scores = fitted.recommend(facts, rows=np.arange(60), length=5, without=np.empty(0, int))
    assert set(np.unique(items)) <= {-1, *fitted.chosen_}
