"""What customers did with products, as every method of recommending learns from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # half a second to load: only what builds one does
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Interactions:
    """The facts before a moment.

    `confidence` (customers, products), float32: how much each customer wants each product, positive, without
    duplicates; zero cells are unseen. `bought`: for each stored cell, in the order of `confidence.data`,
    whether the product was bought and kept. `customers`, `products`: primary keys of rows and columns,
    ascending. `recent_buyers`, `recent_orders` (products,): how many customers bought the product lately, and
    in how many orders. `fading_buyers`: the same customers, each worth exp(-days since / 30).

    A method that needs more (the order of visits, attributes of products, ratings) gets it as a further
    field, which the others ignore.
    """

    confidence: csr_matrix
    bought: Array
    customers: Array
    products: Array
    recent_buyers: Array
    recent_orders: Array
    fading_buyers: Array

    @cached_property
    def purchases(self) -> csr_matrix:
        """Like `confidence`, with the cells of bought products only; each is 1."""
        from scipy.sparse import csr_matrix

        kept = csr_matrix(
            (self.bought.astype(np.float32), self.confidence.indices, self.confidence.indptr),
            self.confidence.shape,
            copy=True,
        )
        kept.eliminate_zeros()
        return kept
