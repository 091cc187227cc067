from __future__ import annotations

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix, random_array

from recommendations.algorithms.als import AlsRecommender, Parameters, spread
from recommendations.algorithms.topk import NOTHING

PARAMETERS = Parameters(factors=8, alpha=5.0, regularization=2.0, iterations=10)


@pytest.fixture
def confidence() -> csr_matrix:
    cells = random_array((60, 30), density=0.2, random_state=np.random.default_rng(3), dtype=np.float32)
    return csr_matrix(cells + csr_matrix(([1.0] * 60, (range(60), [at % 30 for at in range(60)])), (60, 30)))


def test_equal_seeds_give_equal_factors(confidence):
    first, second = (AlsRecommender(PARAMETERS, seed=4).fit(confidence) for _ in range(2))
    other = AlsRecommender(PARAMETERS, seed=5).fit(confidence)
    assert (first.item_factors_ == second.item_factors_).all()
    assert (first.customer_factors_ == second.customer_factors_).all()
    assert (first.item_factors_ != other.item_factors_).any()


def test_own_purchases_and_excluded_products_are_never_offered(confidence):
    rows, without = np.arange(60), np.array([3, 4])
    items, scores = (
        AlsRecommender(PARAMETERS)
        .fit(confidence)
        .recommend(confidence, rows=rows, length=28, without=without)
    )
    for row in rows:
        offered = items[row][items[row] != NOTHING]
        own = confidence[row].indices
        assert set(offered) == set(range(30)) - set(own) - {3, 4}
        assert (np.diff(scores[row, : len(offered)]) <= 0).all()
        assert (scores[row, len(offered) :] == 0).all()


def test_nothing_left_to_offer(confidence):
    items, _scores = (
        AlsRecommender(PARAMETERS)
        .fit(confidence)
        .recommend(confidence, rows=np.arange(60), length=20, without=np.arange(30))
    )
    assert (items == NOTHING).all()


def test_reasons_are_those_of_the_library(confidence):
    estimator = AlsRecommender(PARAMETERS, seed=1).fit(confidence)
    rows = np.arange(10, 60)
    items, _scores = estimator.recommend(confidence, rows=rows, length=5, without=np.empty(0, int))
    because = estimator.explain(confidence, rows, items)
    library = AlternatingLeastSquares(factors=8, alpha=5.0, regularization=2.0)
    library.user_factors, library.item_factors = estimator.customer_factors_, estimator.item_factors_
    agreed = 0
    for place, row in enumerate(rows):
        for item, cell in zip(items[place], because[place], strict=True):
            _total, ((theirs, contribution), *_rest), _weights = library.explain(row, confidence, item)
            assert (cell == NOTHING) == (contribution <= 0)
            if cell != NOTHING:
                assert confidence.indptr[row] <= cell < confidence.indptr[row + 1]
                agreed += confidence.indices[cell] == theirs
    assert agreed >= 0.99 * (because != NOTHING).sum() > 0  # ties in single precision may fall either way


def test_examples_differ():
    factors = np.array([[1, 0], [1, 0.01], [0, 1], [-1, 0], [1, 0.02]])
    assert set(spread(factors, np.array([0, 1, 2, 3]), 3)) == {0, 2, 3}
    assert len(spread(factors, np.arange(5), 50)) == 5
