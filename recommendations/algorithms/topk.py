"""The best products of many customers by exact search."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # half a second to load: only what builds one does
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]

NOTHING = -1  # pads lists that are shorter than requested
CELLS = 2**20  # scores in one block: they stay in the processor's cache
GROUP = 64  # products of which only the best is compared first


def best_products(
    customers: Array, products: Array, *, bought: csr_matrix, length: int, without: Array
) -> tuple[Array, Array]:
    """The `length` products with the largest inner product for each of `customers` (n, factors), of
    `products` (m, factors).

    Left out are each customer's own purchases (`bought`, n x m) and the product numbers `without`. Returns
    product numbers and scores, both (n, length), best first (of equals the lower number), padded with NOTHING
    and 0 where fewer are left.
    """
    mirrored = np.ascontiguousarray(products.T)
    return best_scored(
        lambda start, stop: customers[start:stop] @ mirrored, bought=bought, length=length, without=without
    )


def best_scored(
    scores_of: Callable[[int, int], Array], *, bought: csr_matrix, length: int, without: Array
) -> tuple[Array, Array]:
    """Like `best_products`, of any scores: `scores_of(start, stop)` gives those of some customers, a new
    array (stop - start, m) of floats."""
    customers, products = bought.shape
    items = np.full((customers, length), NOTHING, np.int64)
    scores = np.zeros((customers, length), np.float32)
    wanted, block = min(length, products), max(16, CELLS // max(products, 1))

    def search(start: int) -> None:
        own = bought[start : start + block]
        score = scores_of(start, min(start + block, customers))
        score[np.repeat(np.arange(len(score)), np.diff(own.indptr)), own.indices] = -np.inf
        score[:, without] = -np.inf
        found, value = _largest(score, wanted)
        real = value > -np.inf
        items[start : start + block, :wanted] = np.where(real, found, NOTHING)
        scores[start : start + block, :wanted] = np.where(real, value, 0)

    if wanted:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(search, range(0, customers, block)))
    return items, scores


def _largest(score: Array, wanted: int) -> tuple[Array, Array]:
    """Columns and values of the `wanted` largest of each row. What is below the `wanted`-th best of the
    groups' best is not among them, so only a few columns are sorted."""
    groups = score.shape[1] // GROUP
    heads = (
        score[:, : groups * GROUP].reshape(len(score), groups, GROUP).max(axis=2)
        if groups > 4 * wanted
        else score
    )
    bar = np.partition(heads, -wanted, axis=1)[:, -wanted]
    row, column = np.nonzero(score >= bar[:, None])
    value = score[row, column]
    order = np.lexsort((column, -value, row))
    starts = np.searchsorted(row[order], np.arange(len(score)))
    chosen = order[starts[:, None] + np.arange(wanted)]
    return column[chosen], value[chosen]
