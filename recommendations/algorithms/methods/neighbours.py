"""Item neighbours: products that the same customers have.

Sarwar, Karypis, Konstan, Riedl: Item-based Collaborative Filtering Recommendation Algorithms (WWW 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods.base import gettext_noop
from recommendations.algorithms.methods.item_weights import ItemWeights

Array = np.ndarray[Any, Any]

MOST_PRODUCTS = 5_000  # similarities of all pairs are held at once


class ItemNeighbours(ItemWeights):
    """Cosine similarity of the customers of two products, of the MOST_PRODUCTS that most customers have;
    each product keeps its nearest."""

    name: ClassVar[str] = "neighbours"
    title: ClassVar[str] = gettext_noop("Similar products (item neighbours)")

    @dataclass(frozen=True)
    class Parameters:
        """`neighbours`: how many of the nearest count. `shrinkage`: customers added to the norms, so that a
        few common customers are no proof."""

        neighbours: int = 50
        shrinkage: float = 10.0

    @classmethod
    def candidates(cls, customers: int, products: int) -> list[Parameters]:
        return [cls.Parameters(), cls.Parameters(200, 2.0)]

    def fit(self, interactions: Interactions) -> Self:
        held = interactions.confidence
        holders = np.bincount(held.indices, minlength=held.shape[1])
        order = np.argsort(-holders, kind="stable")[:MOST_PRODUCTS]
        chosen = np.sort(order[holders[order] > 0])
        some = held[:, chosen]
        common = (some.T @ some).toarray().astype(np.float32)
        norm = np.sqrt(np.diag(common))
        weights = common / (norm[:, None] * norm[None, :] + self.parameters.shrinkage)
        np.fill_diagonal(weights, 0)
        if len(chosen) > self.parameters.neighbours:
            bar = np.partition(weights, -self.parameters.neighbours, axis=0)[-self.parameters.neighbours]
            weights[weights < bar] = 0
        self.chosen_, self.weights_ = chosen, weights
        return self
