"""A graph filter: products two steps away in the graph of customers and products, and its smooth part.

Shen and others: How Powerful is Graph Convolution for Recommendation? (CIKM 2021). Nothing is trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods.base import gettext_noop
from recommendations.algorithms.methods.item_weights import ItemWeights

Array = np.ndarray[Any, Any]

MOST_PRODUCTS = 3_000  # weights of all pairs are held at once
RANK = 64  # of the smooth part, at most


class GraphFilter(ItemWeights):
    """Each cell is divided by the roots of the customer's and the product's totals, so that neither large
    customers nor popular products drown the rest. Of the MOST_PRODUCTS that most customers have."""

    name: ClassVar[str] = "graph"
    title: ClassVar[str] = gettext_noop("Graph of customers and products (filter)")

    @dataclass(frozen=True)
    class Parameters:
        """`smooth`: weight of the smooth part."""

        smooth: float = 0.3

    @classmethod
    def candidates(cls, customers: int, products: int) -> list[Parameters]:
        return [cls.Parameters(), cls.Parameters(0.0)]

    def fit(self, interactions: Interactions) -> Self:
        held = interactions.confidence
        holders = np.bincount(held.indices, minlength=held.shape[1])
        order = np.argsort(-holders, kind="stable")[:MOST_PRODUCTS]
        chosen = np.sort(order[holders[order] > 0])
        some = held[:, chosen].astype(np.float64)
        customers, products = (np.asarray(some.sum(axis=axis)).ravel() for axis in (1, 0))
        scaled = some.multiply(1 / np.sqrt(np.maximum(customers, 1e-12))[:, None])
        scaled = scaled.multiply(1 / np.sqrt(products)[None, :]).tocsr()
        weights = (scaled.T @ scaled).toarray()
        if self.parameters.smooth and len(chosen):
            weights += self.parameters.smooth * _smooth(weights, np.sqrt(products))
        np.fill_diagonal(weights, 0)
        self.chosen_, self.weights_ = chosen, weights.astype(np.float32)
        return self


def _smooth(gram: Array, roots: Array) -> Array:
    """D^-1/2 V Vᵀ D^1/2 of the eigenvectors V of the largest eigenvalues, a quarter of them or RANK. Beyond
    the rank there is none."""
    from scipy.sparse.linalg import eigsh

    rank = min(RANK, len(gram) // 4)
    if not rank:
        return np.zeros_like(gram)
    _values, vectors = eigsh(gram, k=rank, v0=roots)  # a fixed start: equal facts give equal lists
    return np.asarray((vectors / roots[:, None]) @ (vectors * roots[:, None]).T)
