"""Does a reason hold? Do those who have the one product take the other more often than everybody does?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # half a second to load: only what builds one does
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]

PAIRS = 20_000_000  # of products in one history, counted at most: of a larger shop a sample of customers
MINIMUM_TOGETHER = 2  # customers with both products: one may be chance


class Support:
    """Counts of customers with two products (bought or viewed), of all customers or a sample drawn with
    `seed`."""

    def __init__(self, confidence: csr_matrix, *, seed: int = 0) -> None:
        from scipy.sparse import csr_matrix

        order = np.random.default_rng(seed).permutation(confidence.shape[0])
        pairs = np.cumsum(np.diff(confidence.indptr)[order].astype(np.int64) ** 2)
        rows = np.sort(order[pairs <= max(PAIRS, pairs[0] if len(pairs) else 0)])
        held = csr_matrix(confidence[rows], copy=True)
        held.data = np.ones_like(held.data)
        self.customers = len(rows)
        self.alone = np.asarray(held.sum(axis=0)).ravel()
        self.together = csr_matrix(held.T @ held)

    def holds(self, because: Array, offers: Array) -> Array:
        """Whether product `because` speaks for product `offers`, both product numbers of one shape: at least
        MINIMUM_TOGETHER customers have both, and more than there would be if the two had nothing to do with
        each other. A product always speaks for itself."""
        both = np.asarray(self.together[because.ravel(), offers.ravel()]).reshape(because.shape)
        expected = self.alone[because] * self.alone[offers] / max(self.customers, 1)
        return (because == offers) | ((both >= MINIMUM_TOGETHER) & (both > expected))
