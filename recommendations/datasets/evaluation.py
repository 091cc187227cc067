"""Tables -> arrays: what a method may know, and the purchases that it is asked to find."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from recommendations.algorithms.interactions import Interactions
from recommendations.datasets.interactions import interactions

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Split:
    """`known`: what a method learns from. `relevant` (customers, products of `known`): what it is asked to
    find."""

    known: Interactions
    relevant: csr_matrix


def time_split(*, split: datetime, as_of: datetime) -> Split:
    """Facts before `split`, and what those customers bought from `split` until before `as_of` for the first
    time. Customers and products first seen after it are beyond every method and left out."""
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
    return Split(known, relevant)


def hidden_split(facts: Interactions, *, seed: int) -> Split:
    """The facts without one purchase, drawn with `seed`, of each customer who bought at least two products:
    for shops where too few buy again to test on later purchases. The counts of recent buyers still hold what
    is hidden, which favours the popular list a little."""
    confidence = facts.confidence
    row = np.repeat(np.arange(len(facts.customers)), np.diff(confidence.indptr))
    cells = np.flatnonzero(facts.bought)
    cells = np.random.default_rng(seed).permutation(cells[np.diff(facts.purchases.indptr)[row[cells]] >= 2])
    _customers, first = np.unique(row[cells], return_index=True)
    hidden = np.zeros(confidence.nnz, bool)
    hidden[cells[first]] = True
    columns = confidence.indices
    relevant = csr_matrix(
        (np.ones(hidden.sum(), np.float32), (row[hidden], columns[hidden])), confidence.shape
    )
    known = csr_matrix((confidence.data[~hidden], (row[~hidden], columns[~hidden])), confidence.shape)
    return Split(replace(facts, confidence=known, bought=facts.bought[~hidden]), relevant)


def _position(vocabulary: Array, values: Array) -> Array:
    """Where each value stands in the ascending vocabulary, -1 where it does not."""
    if not len(vocabulary):
        return np.full(len(values), -1)
    at = np.searchsorted(vocabulary, values).clip(max=len(vocabulary) - 1)
    return np.where(vocabulary[at] == values, at, -1)
