"""Alternating least squares for implicit feedback, and the reason behind each offer.

Hu, Koren, Volinsky: Collaborative Filtering for Implicit Feedback Datasets (ICDM 2008).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods.base import gettext_noop
from recommendations.algorithms.topk import NOTHING, best_products

if TYPE_CHECKING:  # half a second to load: only what builds one does
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]

FLOATS = 2**19  # in one batch of histories: it stays in the processor's cache


class AlternatingLeastSquares:
    """ALS by the `implicit` library. Equal data and seed give equal factors, whatever the number of threads:
    each row is solved by itself.

    After `fit`: `customer_factors_` (customers, factors) and `item_factors_` (products, factors), float32. An
    estimator from `from_arrays` has no customers' factors and solves for them when it recommends.
    """

    name: ClassVar[str] = "als"
    title: ClassVar[str] = gettext_noop("Collaborative filtering (ALS)")
    personal: ClassVar[bool] = True

    @dataclass(frozen=True)
    class Parameters:
        """`alpha` multiplies every confidence weight; `regularization` is the plain ridge term (not scaled by
        frequency)."""

        factors: int = 64
        alpha: float = 2.0
        regularization: float = 20.0
        iterations: int = 15

    @classmethod
    def candidates(cls, customers: int, products: int) -> list[Parameters]:
        """The library's defaults (alpha 1, regularization 0.01) find about half as many later purchases.
        Shops differ: wholesale baskets want little confidence (alpha 1), sparse visits much (alpha 20). With
        few customers a large regularization against a small alpha shrinks every taste to the popular
        products: two groups of 20 with nothing in common want alpha 10 or a regularization below 5. Dense
        histories want much. Factors grow with the catalogue: a small shop's tastes fit in few dimensions,
        and more of them only learn noise.
        """
        small = min(customers, products) < 500
        factors = 16 if small else 32 if products < 2000 else 64
        plain = cls.Parameters(factors=factors)
        confident = cls.Parameters(factors=factors, alpha=10.0, regularization=10.0)
        return [
            *([confident, plain] if small else [plain, confident]),
            cls.Parameters(factors=factors, regularization=3.0),
            cls.Parameters(factors=factors, alpha=1.0, regularization=100.0),
            cls.Parameters(factors=2 * factors, alpha=1.0),
            cls.Parameters(factors=2 * factors, alpha=20.0, regularization=30.0),
        ]

    def __init__(self, parameters: Parameters, *, seed: int = 0) -> None:
        self.parameters = parameters
        self.seed = seed

    def fit(self, interactions: Interactions) -> Self:
        from implicit.cpu import als  # late: the web process declares the job without loading the library

        fitted = als.AlternatingLeastSquares(random_state=self.seed, num_threads=0, **asdict(self.parameters))
        fitted.fit(interactions.confidence, show_progress=False)
        self.customer_factors_: Array | None = fitted.user_factors
        self.item_factors_: Array = fitted.item_factors
        return self

    def recommend(
        self, interactions: Interactions, *, rows: Array, length: int, without: Array
    ) -> tuple[Array, Array]:
        """By exact search (see `best_products`): the library's own takes nine times as long in a small
        catalogue. Products that nobody interacted with have no factors and are left out."""
        unknown = np.flatnonzero(~self.item_factors_.any(axis=1))
        return best_products(
            self._customer_factors(interactions.confidence, rows),
            self.item_factors_,
            bought=interactions.purchases[rows],
            length=length,
            without=np.union1d(without, unknown),
        )

    def explain(self, interactions: Interactions, rows: Array, items: Array) -> Array:
        """By the contribution of history product h to offer i, the exact one of Hu, Koren, Volinsky (section
        5): c_h times y_i (YᵀY + λI + Σ (c - 1) y yᵀ over the history)⁻¹ y_h. Contributions sum to the score
        of an exact solution; the factors of the fit, found by a few conjugate gradient steps, come close to
        it.
        """
        because = np.full(items.shape, NOTHING, np.int64)

        def strongest(batch: _Histories) -> None:
            offers, mirrored = items[batch.places], batch.factors.transpose(0, 2, 1)
            contribution = self.item_factors_[offers] @ np.linalg.inv(batch.system) @ mirrored
            contribution = contribution * batch.weight[:, None, :]
            best = contribution.argmax(axis=2)
            value = np.take_along_axis(contribution, best[..., None], axis=2)[..., 0]
            speaks = (value > 0) & (offers != NOTHING)
            because[batch.places] = np.where(speaks, np.take_along_axis(batch.cells, best, axis=1), NOTHING)

        self._each_batch(interactions.confidence, rows, strongest)
        return because

    def to_arrays(self) -> dict[str, Array]:
        return {
            "item_factors": self.item_factors_,
            "alpha": np.array(self.parameters.alpha),
            "regularization": np.array(self.parameters.regularization),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        factors = arrays["item_factors"]
        alpha, regularization = float(arrays["alpha"]), float(arrays["regularization"])
        self = cls(cls.Parameters(factors.shape[1], alpha, regularization))
        self.customer_factors_, self.item_factors_ = None, factors
        return self

    def _customer_factors(self, confidence: csr_matrix, rows: Array) -> Array:
        """(len(rows), factors): those of the fit; else the exact solution of equation 4 for each history,
        (YᵀY + λI + Σ (c - 1) y yᵀ)⁻¹ Σ c y."""
        if self.customer_factors_ is not None:
            return self.customer_factors_[rows]
        found = np.zeros((len(rows), self.item_factors_.shape[1]), np.float32)

        def solve(batch: _Histories) -> None:
            wanted = (batch.factors * batch.weight[..., None]).sum(axis=1)
            found[batch.places] = np.linalg.solve(batch.system, wanted[..., None])[..., 0]

        self._each_batch(confidence, rows, solve)
        return found

    def _each_batch(self, confidence: csr_matrix, rows: Array, work: Callable[[_Histories], None]) -> None:
        """Call `work`, in several threads, with all of `rows` that have a history."""
        gram = self.item_factors_.T @ self.item_factors_
        gram += self.parameters.regularization * np.eye(len(gram), dtype=np.float32)

        def prepared(batch: tuple[Array, Array]) -> None:
            places, cells = batch
            real = cells != NOTHING
            weight = np.where(real, np.float32(self.parameters.alpha) * confidence.data[cells], 0)
            factors = self.item_factors_[confidence.indices[cells]]
            extra = factors * np.where(real, weight - 1, 0)[..., None]
            work(_Histories(places, cells, weight, factors, gram + factors.transpose(0, 2, 1) @ extra))

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(prepared, _batches(confidence, rows, len(gram))))


@dataclass(frozen=True)
class _Histories:
    """A few customers with histories of similar length h, padded: `places` among the rows, `cells` (n, h)
    positions in `confidence.data`, NOTHING where padded, `weight` (n, h) alpha times confidence, `factors`
    (n, h, factors) of the products in them, `system` (n, factors, factors) the matrix of equation 4."""

    places: Array
    cells: Array
    weight: Array
    factors: Array
    system: Array


def _batches(confidence: csr_matrix, rows: Array, factors: int) -> Iterator[tuple[Array, Array]]:
    """Customers of similar history length together: their places in `rows`, and the positions of their cells
    in `confidence.data` (customers, longest history), padded with NOTHING."""
    lengths = np.diff(confidence.indptr)[rows]
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    at = 0
    while at < len(order):
        # the batch's last is seldom longer than twice its first
        height = factors + 2 * int(lengths[order[at]])
        places = order[at : at + max(1, FLOATS // (height * factors))]
        starts, ends = confidence.indptr[rows[places]], confidence.indptr[rows[places] + 1]
        cells = starts[:, None] + np.arange((ends - starts).max())
        yield places, np.where(cells < ends[:, None], cells, NOTHING).astype(np.int64)
        at += len(places)
