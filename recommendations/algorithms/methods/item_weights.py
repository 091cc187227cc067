"""What methods share that score a product by weights of the products in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.topk import NOTHING, best_scored

if TYPE_CHECKING:  # half a second to load: only what builds one does
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]


class ItemWeights:
    """The score of product i is the sum over the history of confidence times `weights_[h, i]`.

    After `fit`: `chosen_` (m,), product numbers, ascending; `weights_` (m, m), float32, from history to
    offer.
    """

    personal: ClassVar[bool] = True
    chosen_: Array
    weights_: Array

    def __init__(self, parameters: Any, *, seed: int = 0) -> None:
        self.parameters = parameters
        self.seed = seed

    def recommend(
        self, interactions: Interactions, *, rows: Array, length: int, without: Array
    ) -> tuple[Array, Array]:
        """Products that were not chosen are left out."""
        known = self._chosen(interactions.confidence, rows)
        own = self._chosen(interactions.purchases, rows)
        places, scores = best_scored(
            lambda start, stop: np.asarray(known[start:stop] @ self.weights_),
            bought=own,
            length=length,
            without=np.flatnonzero(np.isin(self.chosen_, without)),
        )
        if not len(self.chosen_):
            return places, scores
        return np.where(places == NOTHING, NOTHING, self.chosen_[places]), scores

    def explain(self, interactions: Interactions, rows: Array, items: Array) -> Array:
        """By the largest summand of the score, where it is positive."""
        because = np.full(items.shape, NOTHING, np.int64)
        confidence, width = interactions.confidence, interactions.confidence.shape[1]
        place = np.full(width + 1, NOTHING)  # the last stands for "no offer"
        place[self.chosen_] = np.arange(len(self.chosen_))
        offers = place[items]
        for at, row in enumerate(rows):
            cells = np.arange(confidence.indptr[row], confidence.indptr[row + 1])
            history = place[confidence.indices[cells]]
            cells, history = cells[history != NOTHING], history[history != NOTHING]
            if not len(cells) or not len(self.chosen_):
                continue
            parts = confidence.data[cells][:, None] * self.weights_[history[:, None], offers[at][None, :]]
            best = parts.argmax(axis=0)
            speaks = (parts[best, np.arange(len(best))] > 0) & (offers[at] != NOTHING)
            because[at] = np.where(speaks, cells[best], NOTHING)
        return because

    def to_arrays(self) -> dict[str, Array]:
        return {"chosen": self.chosen_, "weights": self.weights_}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        self = cls(None)
        self.chosen_, self.weights_ = arrays["chosen"], arrays["weights"]
        return self

    def _chosen(self, matrix: csr_matrix, rows: Array) -> csr_matrix:
        return matrix[rows][:, self.chosen_]
