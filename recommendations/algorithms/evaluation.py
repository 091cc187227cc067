"""How good a list is: full ranking on what customers bought later, with bootstrap intervals.

Metrics of one customer with `relevant` products bought in the test window and a list of k (Järvelin and
Kekäläinen 2002 for NDCG; Manning, Raghavan, Schütze, Introduction to Information Retrieval, chapter 8, for
average precision): binary gains, ideal lists cut at k.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # half a second to load: only what builds one does
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]
METRICS = ("found", "recall", "ndcg", "map")
RESAMPLES = 1000


def ranking_metrics(items: Array, relevant: csr_matrix) -> dict[str, Array]:
    """Metrics of each customer's list.

    `items` (customers, k): product numbers, best first, negative = no offer. `relevant` (customers,
    products): stored cells were bought; every row holds at least one. Returns for each name in METRICS an
    array (customers,): found = products of the list that were bought; recall = found / bought; ndcg and map
    (average precision) in [0, 1].
    """
    rows, k = items.shape
    width = relevant.shape[1]
    keys = np.repeat(np.arange(rows), np.diff(relevant.indptr)) * width + relevant.indices
    hits = np.isin(np.arange(rows)[:, None] * width + items, keys) & (items >= 0)
    bought = np.diff(relevant.indptr)
    possible = np.minimum(bought, k)
    ranks = np.arange(1, k + 1)
    gains = 1 / np.log2(ranks + 1)
    return {
        "found": hits.sum(axis=1).astype(float),
        "recall": hits.sum(axis=1) / bought,
        "ndcg": (hits * gains).sum(axis=1) / np.cumsum(gains)[possible - 1],
        "map": (hits * hits.cumsum(axis=1) / ranks).sum(axis=1) / possible,
    }


def coverage(items: Array, products: int) -> float:
    """The share of `products` that stand on at least one list."""
    return len(np.unique(items[items >= 0])) / products


def interval(values: Array, *, seed: int) -> dict[str, float]:
    """Mean of (customers,) values with its 95 % percentile bootstrap interval: {"mean", "low", "high"}."""
    random = np.random.default_rng(seed)
    means = np.array([values[random.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)])
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": float(values.mean()), "low": float(low), "high": float(high)}
