"""Alternating least squares for implicit feedback, and the reason behind each offer.

Hu, Koren, Volinsky: Collaborative Filtering for Implicit Feedback Datasets (ICDM 2008).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recommendations.algorithms.topk import NOTHING, best_products

if TYPE_CHECKING:  # half a second to load: only what builds one does
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]

FLOATS = 2**19  # in one batch of `explain`: it stays in the processor's cache


@dataclass(frozen=True)
class Parameters:
    """`alpha` multiplies every confidence weight; `regularization` is the plain ridge term (not scaled by
    frequency)."""

    factors: int = 64
    alpha: float = 2.0
    regularization: float = 20.0
    iterations: int = 15


def candidates(customers: int, products: int) -> list[Parameters]:
    """The parameters worth trying, the best guess first.

    The library's defaults (alpha 1, regularization 0.01) find about half as many later purchases. Shops
    differ: wholesale baskets want little confidence (alpha 1), sparse visits much (alpha 20), hence the
    spread. Factors grow with the catalogue: a small shop's tastes fit in few dimensions, and more of them
    only learn noise.
    """
    factors = 16 if min(customers, products) < 500 else 32 if products < 2000 else 64
    return [
        Parameters(factors=factors),
        Parameters(factors=factors, alpha=10.0, regularization=10.0),
        Parameters(factors=2 * factors, alpha=1.0),
        Parameters(factors=2 * factors, alpha=20.0, regularization=30.0),
    ]


class AlsRecommender:
    """ALS by the `implicit` library. Equal data and seed give equal factors, whatever the number of threads:
    each row is solved by itself.

    After `fit`: `customer_factors_` (customers, factors) and `item_factors_` (products, factors), float32.
    """

    def __init__(self, parameters: Parameters, *, seed: int = 0) -> None:
        self.parameters = parameters
        self.seed = seed

    def fit(self, confidence: csr_matrix) -> AlsRecommender:
        """Learn from `confidence` (customers, products), positive weights without duplicates; zero cells are
        unseen."""
        from implicit.cpu.als import (
            AlternatingLeastSquares,
        )  # the web process declares the job without loading the library

        self._als = AlternatingLeastSquares(random_state=self.seed, num_threads=0, **asdict(self.parameters))
        self._als.fit(confidence, show_progress=False)
        self.customer_factors_: Array = self._als.user_factors
        self.item_factors_: Array = self._als.item_factors
        return self

    def recommend(
        self, bought: csr_matrix, *, rows: Array, length: int, without: Array
    ) -> tuple[Array, Array]:
        """The best products of the customers in `rows` (row numbers of the fit), by exact search: see
        `best_products`.

        `bought` (customers, products) are left out. The library's own search takes nine times as long in a
        small catalogue.
        """
        return best_products(
            self.customer_factors_[rows],
            self.item_factors_,
            bought=bought[rows],
            length=length,
            without=without,
        )

    def explain(self, confidence: csr_matrix, rows: Array, items: Array) -> Array:
        """Which cell of the customer's own history speaks for each offer most.

        `confidence`: the matrix of the fit; `items` (len(rows), length): what `recommend` returned for
        `rows`. Returns positions in `confidence.data`, shaped like `items`, NOTHING where no cell speaks for
        the offer.

        The contribution of history product h to offer i is the exact one of Hu, Koren, Volinsky (section 5):
        c_h times y_i (YᵀY + λI + Σ (c - 1) y yᵀ over the history)⁻¹ y_h. Contributions sum to the score of an
        exact solve; the factors of the fit, found by a few conjugate gradient steps, come close to it.
        """
        gram = self.item_factors_.T @ self.item_factors_
        gram += self.parameters.regularization * np.eye(len(gram), dtype=np.float32)
        because = np.full(items.shape, NOTHING, np.int64)

        def one(batch: tuple[Array, Array]) -> None:
            places, cells = batch
            because[places] = self._strongest(gram, confidence, items[places], cells)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(one, _batches(confidence, rows, self.parameters.factors)))
        return because

    def _strongest(self, gram: Array, confidence: csr_matrix, items: Array, cells: Array) -> Array:
        real = cells != NOTHING
        weight = np.where(real, np.float32(self.parameters.alpha) * confidence.data[cells], 0)
        history = self.item_factors_[confidence.indices[cells]]
        mirrored = history.transpose(0, 2, 1)
        system = gram + mirrored @ (history * np.where(real, weight - 1, 0)[..., None])
        contribution = self.item_factors_[items] @ np.linalg.inv(system) @ mirrored * weight[:, None, :]
        best = contribution.argmax(axis=2)
        speaks = (np.take_along_axis(contribution, best[..., None], axis=2)[..., 0] > 0) & (items != NOTHING)
        return np.where(speaks, np.take_along_axis(cells, best, axis=1), NOTHING)


def _batches(confidence: csr_matrix, rows: Array, factors: int) -> Iterator[tuple[Array, Array]]:
    """Customers of similar history length together: their places in `rows`, and the positions of their cells
    in `confidence.data` (customers, longest history), padded with NOTHING."""
    lengths = np.diff(confidence.indptr)[rows]
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    at = 0
    while at < len(order):
        height = factors + 2 * int(
            lengths[order[at]]
        )  # the batch's last is seldom longer than twice its first
        places = order[at : at + max(1, FLOATS // (height * factors))]
        starts, ends = confidence.indptr[rows[places]], confidence.indptr[rows[places] + 1]
        cells = starts[:, None] + np.arange((ends - starts).max())
        yield places, np.where(cells < ends[:, None], cells, NOTHING).astype(np.int64)
        at += len(places)


def spread(factors: Array, rows: Array, length: int) -> Array:
    """Up to `length` of `rows` whose tastes differ most: farthest-first traversal on the directions of their
    factors."""
    directions = factors[rows] / np.maximum(np.linalg.norm(factors[rows], axis=1, keepdims=True), 1e-9)
    chosen: list[int] = []
    nearest = np.full(len(rows), -np.inf)
    for _step in range(min(length, len(rows))):
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, directions @ directions[chosen[-1]])
        nearest[chosen] = np.inf
    return rows[chosen]
