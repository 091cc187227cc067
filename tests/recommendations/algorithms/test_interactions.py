from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from tests.recommendations.algorithms.shops import interactions


def test_purchases_are_the_cells_that_were_bought():
    facts = interactions(
        csr_matrix(np.array([[0.7, 0, 1.8], [0, 1.8, 0]])), bought=np.array([False, True, True])
    )
    assert facts.purchases.toarray().tolist() == [[0, 0, 1], [0, 1, 0]]
    assert facts.confidence.nnz == 3, "the weights stay as they are"
