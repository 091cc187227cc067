from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommendations.algorithms.methods.item_weights import ItemWeights
from recommendations.algorithms.topk import NOTHING
from tests.recommendations.algorithms.shops import interactions

FACTS = interactions(csr_matrix(np.array([[1, 0, 0, 2, 0], [0, 0, 1, 0, 0]])))
WEIGHTS = np.array([[0, 0.5, 0.1, 0], [0.5, 0, 0, 0], [0.1, 0, 0, 0], [0, 0.4, -0.2, 0]], np.float32)


@pytest.fixture
def method():
    return ItemWeights.from_arrays({"chosen": np.array([0, 1, 2, 3]), "weights": WEIGHTS})


def test_scores_are_sums_over_the_history(method):
    items, scores = method.recommend(FACTS, rows=np.array([0]), length=3, without=np.empty(0, int))
    assert items.tolist() == [[1, 2, NOTHING]]
    assert scores == pytest.approx(np.array([[0.5 + 2 * 0.4, 0.1 - 2 * 0.2, 0]]))


def test_the_largest_summand_is_the_reason(method):
    because = method.explain(FACTS, np.array([0, 1]), np.array([[1, 2, NOTHING], [0, 1, 4]]))
    assert because.tolist() == [[1, 0, NOTHING], [2, NOTHING, NOTHING]]
    assert FACTS.confidence.indices[1] == 3, "of 0.5 and 2 x 0.4 the latter"


def test_nothing_was_chosen():
    method = ItemWeights.from_arrays({"chosen": np.empty(0, int), "weights": np.empty((0, 0), np.float32)})
    items, _scores = method.recommend(FACTS, rows=np.array([0]), length=2, without=np.empty(0, int))
    assert (items == NOTHING).all()
    assert (method.explain(FACTS, np.array([0]), items) == NOTHING).all()
