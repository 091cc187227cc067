from __future__ import annotations

import numpy as np
from implicit.cpu import als as library

from recommendations.algorithms.methods.als import AlternatingLeastSquares
from recommendations.algorithms.topk import NOTHING
from tests.recommendations.algorithms.shops import random_shop

PARAMETERS = AlternatingLeastSquares.Parameters(factors=8, alpha=5.0, regularization=2.0, iterations=10)


def test_seeds_decide_the_factors():
    facts = random_shop()
    first, second = (AlternatingLeastSquares(PARAMETERS, seed=4).fit(facts) for _ in range(2))
    other = AlternatingLeastSquares(PARAMETERS, seed=5).fit(facts)
    assert (first.item_factors_ == second.item_factors_).all()
    assert (first.customer_factors_ == second.customer_factors_).all()
    assert (first.item_factors_ != other.item_factors_).any()


def test_reasons_are_those_of_the_library():
    facts, rows = random_shop(), np.arange(10, 60)
    estimator = AlternatingLeastSquares(PARAMETERS, seed=1).fit(facts)
    items, _scores = estimator.recommend(facts, rows=rows, length=5, without=np.empty(0, int))
    because = estimator.explain(facts, rows, items)
    theirs = library.AlternatingLeastSquares(factors=8, alpha=5.0, regularization=2.0)
    theirs.user_factors, theirs.item_factors = estimator.customer_factors_, estimator.item_factors_
    agreed = 0
    for place, row in enumerate(rows):
        for item, cell in zip(items[place], because[place], strict=True):
            _total, ((product, contribution), *_rest), _weights = theirs.explain(row, facts.confidence, item)
            assert (cell == NOTHING) == (contribution <= 0)
            if cell != NOTHING:
                agreed += facts.confidence.indices[cell] == product
    assert agreed >= 0.99 * (because != NOTHING).sum() > 0  # ties in single precision may fall either way


def test_a_restored_estimator_solves_for_factors_exactly():
    facts = random_shop()
    fitted = AlternatingLeastSquares(PARAMETERS).fit(facts)
    restored = AlternatingLeastSquares.from_arrays(fitted.to_arrays())
    rows = np.array([5, 40])
    factors = restored._customer_factors(facts.confidence, rows)
    items = fitted.item_factors_.astype(np.float64)
    for place, row in enumerate(rows):
        confidence = PARAMETERS.alpha * facts.confidence[row].toarray()[0]
        system = items.T @ items + PARAMETERS.regularization * np.eye(8)
        system += (items * np.where(confidence > 0, confidence - 1, 0)[:, None]).T @ items
        assert np.allclose(factors[place], np.linalg.solve(system, items.T @ confidence), atol=1e-4)
