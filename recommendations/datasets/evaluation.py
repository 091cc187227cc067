"""Tables -> arrays: what was known before a moment, and what customers bought after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from recommendations.algorithms.interactions import Interactions
from recommendations.datasets.interactions import interactions

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class TimeSplit:
    """`known`: everything before it. `relevant` (customers, products of `known`): what they bought after it
    for the first time. Customers and products first seen after it are beyond every method and left out."""

    known: Interactions
    relevant: csr_matrix


def time_split(*, split: datetime, as_of: datetime) -> TimeSplit:
    """Facts before `split`, and the new purchases from `split` until before `as_of`."""
    known = interactions(as_of=split)
    later = interactions(as_of=as_of, since=split)
    cells = later.purchases.tocoo()
    row = _position(known.customers, later.customers[cells.row])
    column = _position(known.products, later.products[cells.col])
    both = (row >= 0) & (column >= 0)
    relevant = csr_matrix(
        (np.ones(both.sum(), np.float32), (row[both], column[both])), known.confidence.shape
    )
    relevant = csr_matrix(relevant - relevant.multiply(known.purchases))
    relevant.eliminate_zeros()
    return TimeSplit(known, relevant)


def _position(vocabulary: Array, values: Array) -> Array:
    """Where each value stands in the ascending vocabulary, -1 where it does not."""
    if not len(vocabulary):
        return np.full(len(values), -1)
    at = np.searchsorted(vocabulary, values).clip(max=len(vocabulary) - 1)
    return np.where(vocabulary[at] == values, at, -1)
