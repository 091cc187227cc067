"""The products that most customers bought lately: the baseline, and the list of those without a history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods.base import gettext_noop
from recommendations.algorithms.topk import NOTHING

if TYPE_CHECKING:  # half a second to load: only what builds one does
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]


class PopularProducts:
    """The same list for everybody, less what they own.

    After `fit`: `buyers_` and `orders_` (products,), customers (each the less the longer ago, if `fading`)
    and orders of the recent past; products rank by buyers, then by orders, then by number.
    """

    name: ClassVar[str] = "popular"
    title: ClassVar[str] = gettext_noop("Popular products only")
    personal: ClassVar[bool] = False

    @dataclass(frozen=True)
    class Parameters:
        """`fading`: 1 where a purchase counts the less the longer ago it was, 0 where all of the recent past
        count alike."""

        fading: int = 0

    @classmethod
    def candidates(cls, customers: int, products: int) -> list[Parameters]:
        return [cls.Parameters(), cls.Parameters(fading=1)]

    def __init__(self, parameters: Parameters, *, seed: int = 0) -> None:
        self.parameters = parameters

    def fit(self, interactions: Interactions) -> Self:
        fading = self.parameters.fading
        self.buyers_ = interactions.fading_buyers if fading else interactions.recent_buyers
        self.orders_ = interactions.recent_orders
        return self

    @property
    def ranking_(self) -> Array:
        """The numbers of all products that somebody bought lately, best first."""
        order = np.lexsort((-self.orders_, -self.buyers_))
        return order[self.buyers_[order] > 0]

    def recommend(
        self, interactions: Interactions, *, rows: Array, length: int, without: Array
    ) -> tuple[Array, Array]:
        """The score of a product is how many customers bought it lately (see `buyers_`)."""
        ranking = self.ranking_
        ranking = ranking[~np.isin(ranking, without)]
        items = _without_own(ranking, interactions.purchases[rows], length)
        scores = np.where(items == NOTHING, 0, self.buyers_[items] if len(self.buyers_) else 0)
        return items, scores.astype(np.float32)

    def explain(self, interactions: Interactions, rows: Array, items: Array) -> Array:
        """Nothing in a history speaks for what everybody is offered."""
        return np.full(items.shape, NOTHING, np.int64)

    def to_arrays(self) -> dict[str, Array]:
        return {"buyers": self.buyers_, "orders": self.orders_}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        self = cls(cls.Parameters())
        self.buyers_, self.orders_ = arrays["buyers"], arrays["orders"]
        return self


def _without_own(ranking: Array, own: csr_matrix, length: int) -> Array:
    """`ranking` as each customer sees it: without the cells of `own` (customers, products), cut at `length`,
    padded with NOTHING."""
    customers, width = own.shape
    keys = np.repeat(np.arange(customers), np.diff(own.indptr)) * width + own.indices
    longest = int(np.diff(own.indptr).max(initial=0)) + length
    head = ranking[:longest]
    fresh = ~np.isin(np.arange(customers)[:, None] * width + head, keys)
    order = np.argsort(~fresh, axis=1, kind="stable")[:, :length]
    lists = np.where(np.take_along_axis(fresh, order, axis=1), head[order], NOTHING)
    return np.pad(lists, ((0, 0), (0, length - lists.shape[1])), constant_values=NOTHING)
