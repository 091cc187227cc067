"""EASE: each product's score is a regression on all other products of the history.

Steck: Embarrassingly Shallow Autoencoders for Sparse Data (WWW 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods.base import gettext_noop
from recommendations.algorithms.methods.item_weights import ItemWeights

Array = np.ndarray[Any, Any]

MOST_PRODUCTS = 3_000  # the matrix that is inverted takes a second; the rest of a catalogue sells seldom


class SparseRegression(ItemWeights):
    """Weights between the MOST_PRODUCTS products that most customers have; others are not offered."""

    name: ClassVar[str] = "ease"
    title: ClassVar[str] = gettext_noop("Regression on the products of the history (EASE)")

    @dataclass(frozen=True)
    class Parameters:
        """`ridge` is Steck's lambda: the larger, the more customers it takes to believe a connection."""

        ridge: float = 200.0

    @classmethod
    def candidates(cls, customers: int, products: int) -> list[Parameters]:
        """Few customers want little: a ridge beyond their number leaves only what is popular."""
        ridges = [10.0, 50.0, 200.0] if customers < 1_000 else [200.0, 1_000.0, 5_000.0]
        return [cls.Parameters(ridge) for ridge in ridges]

    def fit(self, interactions: Interactions) -> Self:
        held = interactions.confidence
        holders = np.bincount(held.indices, minlength=held.shape[1])
        order = np.argsort(-holders, kind="stable")[:MOST_PRODUCTS]
        chosen = np.sort(order[holders[order] > 0])
        some = held[:, chosen]
        gram = (some.T @ some).toarray().astype(np.float64)
        gram[np.diag_indices(len(chosen))] += self.parameters.ridge
        inverse = np.linalg.inv(gram)
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        self.chosen_, self.weights_ = chosen, weights.astype(np.float32)
        return self
