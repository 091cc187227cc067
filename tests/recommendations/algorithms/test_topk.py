"""The search is exact, leaves out what it should, and pads what is short."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random

from recommendations.algorithms.topk import NOTHING, best_products


def by_sorting(customers, products, bought, length, without):
    score = customers @ products.T
    score[bought.toarray() > 0] = -np.inf
    score[:, without] = -np.inf
    order = np.argsort(-score, axis=1, kind="stable")[:, :length]
    value = np.take_along_axis(score, order, axis=1)
    return np.where(value > -np.inf, order, NOTHING), np.where(value > -np.inf, value, 0)


@pytest.mark.parametrize(("products", "length"), [(7, 3), (200, 20), (4000, 10), (6001, 20)])
def test_the_best_by_sorting_everything(products, length):
    rng = np.random.default_rng(products)
    # whole numbers: products of them are exact in whatever order they are summed, and there are many equals
    ours, theirs = (
        rng.integers(-3, 4, (90, 5)).astype(np.float32),
        rng.integers(-3, 4, (products, 5)).astype(np.float32),
    )
    bought = random(90, products, 0.05, "csr", np.float32, random_state=1)
    without = np.array([0, products - 1])
    items, scores = best_products(ours, theirs, bought=bought, length=length, without=without)
    expected, values = by_sorting(ours, theirs, bought, length, without)
    assert (items == expected).all()
    assert (scores == values).all()


def test_short_lists_are_padded():
    customers, products = np.ones((2, 1), np.float32), np.arange(1, 4, dtype=np.float32)[:, None]
    bought = csr_matrix(np.array([[0, 0, 1], [1, 1, 1]], np.float32))
    items, scores = best_products(customers, products, bought=bought, length=5, without=np.empty(0, np.int64))
    assert items.tolist() == [[1, 0, -1, -1, -1], [-1] * 5]
    assert scores.tolist() == [[2, 1, 0, 0, 0], [0] * 5]


def test_nobody_and_nothing():
    empty = csr_matrix((0, 3), dtype=np.float32)
    items, _scores = best_products(
        np.ones((0, 2)), np.ones((3, 2)), bought=empty, length=2, without=np.empty(0, np.int64)
    )
    assert items.shape == (0, 2)
    none = csr_matrix((2, 0), dtype=np.float32)
    items, _scores = best_products(
        np.ones((2, 2)), np.ones((0, 2)), bought=none, length=2, without=np.empty(0, np.int64)
    )
    assert items.tolist() == [[-1, -1]] * 2
