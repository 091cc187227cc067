from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from recommendations.algorithms.methods.popular import PopularProducts
from tests.recommendations.algorithms.shops import interactions

BOUGHT = csr_matrix(np.array([[1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 0]]))


def shop(buyers: list[int], orders: list[int]):
    facts = interactions(BOUGHT)
    return replace(facts, recent_buyers=np.array(buyers), recent_orders=np.array(orders))


def test_products_rank_by_buyers_then_orders_then_number():
    facts = shop(buyers=[3, 5, 3, 0], orders=[4, 5, 9, 0])
    assert PopularProducts(PopularProducts.Parameters()).fit(facts).ranking_.tolist() == [1, 2, 0]


def test_the_list_leaves_out_own_purchases():
    facts = shop(buyers=[1, 2, 0, 3], orders=[1, 1, 0, 1])
    popular = PopularProducts(PopularProducts.Parameters()).fit(facts)
    items, scores = popular.recommend(facts, rows=np.array([0, 1, 2]), length=2, without=np.empty(0, int))
    assert items.tolist() == [[1, -1], [3, 1], [3, -1]]
    assert scores.tolist() == [[2, 0], [3, 2], [3, 0]]


def test_nothing_was_bought_lately():
    facts = shop(buyers=[0] * 4, orders=[0] * 4)
    popular = PopularProducts(PopularProducts.Parameters()).fit(facts)
    items, _scores = popular.recommend(facts, rows=np.arange(3), length=2, without=np.empty(0, int))
    assert items.tolist() == [[-1, -1]] * 3
