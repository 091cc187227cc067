"""Interactions without a database."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix, random_array

from recommendations.algorithms.interactions import Interactions


def interactions(confidence: csr_matrix, *, bought: np.ndarray | None = None) -> Interactions:
    """Keys of customers and products are their numbers plus 100 and 1000; everything was bought lately unless
    `bought` says which cells were."""
    confidence = csr_matrix(confidence, dtype=np.float32)
    bought = np.ones(confidence.nnz, bool) if bought is None else bought
    buyers = np.bincount(confidence.indices[bought], minlength=confidence.shape[1])
    customers, products = confidence.shape
    keys = 100 + np.arange(customers), 1000 + np.arange(products)
    return Interactions(confidence, bought, *keys, buyers, buyers, buyers / 2)


def random_shop(customers: int = 60, products: int = 30, *, seed: int = 3) -> Interactions:
    """Everybody has a history, everything was bought by somebody; about four in five cells were bought."""
    random = np.random.default_rng(seed)
    cells = random_array((customers, products), density=0.2, random_state=random, dtype=np.float32)
    diagonal = csr_matrix(
        (np.ones(customers), (range(customers), [row % products for row in range(customers)])), cells.shape
    )
    confidence = csr_matrix(cells + diagonal)
    return interactions(confidence, bought=random.random(confidence.nnz) < 0.8)


def two_tastes(customers: int = 200, products: int = 60, *, seed: int = 5) -> Interactions:
    """Even customers bought ten even products each, odd ones odd."""
    random = np.random.default_rng(seed)
    confidence = np.zeros((customers, products), np.float32)
    for row in range(customers):
        own = np.arange(row % 2, products, 2)
        confidence[row, random.choice(own, 10, replace=False)] = 1.8
    return interactions(csr_matrix(confidence))
