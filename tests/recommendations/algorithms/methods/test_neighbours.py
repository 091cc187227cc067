from __future__ import annotations

import numpy as np

from recommendations.algorithms.methods.neighbours import ItemNeighbours
from tests.recommendations.algorithms.shops import random_shop


def test_weights_are_shrunk_cosines():
    facts = random_shop()
    fitted = ItemNeighbours(ItemNeighbours.Parameters(neighbours=100, shrinkage=3.0)).fit(facts)
    held = facts.confidence.toarray().astype(np.float64)
    norms = np.linalg.norm(held, axis=0)
    assert np.isclose(fitted.weights_[2, 5], held[:, 2] @ held[:, 5] / (norms[2] * norms[5] + 3.0), rtol=1e-4)
    assert (np.diag(fitted.weights_) == 0).all()


def test_each_product_keeps_its_nearest():
    fitted = ItemNeighbours(ItemNeighbours.Parameters(neighbours=4, shrinkage=3.0)).fit(random_shop())
    assert (np.count_nonzero(fitted.weights_, axis=0) <= 4).all()
