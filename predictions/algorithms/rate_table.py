"""The fallback of purchase predictions: rates counted by recency and number of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from predictions.algorithms.estimators import Columns, has_bought
from predictions.algorithms.training_windows import TrainingWindow, joined
from predictions.cards import Range, RateCell

Array = NDArray[np.float64]
Places = NDArray[np.intp]
RAREST = 1e-4
TABLE_PRIOR = 20.0
TABLE_ROWS = 300


@dataclass(frozen=True)
class RateTable:
    """What is predicted when there is too little to learn from: the share of positives among those of like
    recency and frequency.

    Cell 0 holds who never ordered; the others buyers by `recency` (days) and `orders`, each from one cut to
    the next. `customers` and `positives` are those counted, a number a cell; each share is drawn towards
    everybody's as if TABLE_PRIOR more customers of that share were in the cell.
    """

    columns: Columns
    recency: Array
    orders: Array
    customers: Places
    positives: Array

    @classmethod
    def of(cls, windows: Sequence[TrainingWindow], columns: Columns) -> RateTable:
        """Counted on the latest of `windows` (oldest first), on those before it only as far as it takes to
        have TABLE_ROWS."""
        used = 1
        while used < len(windows) and sum(len(window.outcome) for window in windows[-used:]) < TABLE_ROWS:
            used += 1
        counted = joined(windows[-used:])
        buyers = counted.values[has_bought(columns, counted.values) == 1][
            :, columns.at("recency", "frequency")
        ]
        often = buyers[buyers[:, 1] > 1, 1]
        recency = (
            np.unique(np.round(np.nanquantile(buyers[:, 0], (1 / 3, 2 / 3)))) if len(buyers) else np.zeros(0)
        )
        orders = np.unique([1.0, np.floor(np.median(often))]) if often.size else np.zeros(0)
        bare = cls(columns, recency, orders, np.zeros(0, np.intp), np.zeros(0))
        cells, most = bare.cell(counted.values), 1 + (len(recency) + 1) * (len(orders) + 1)
        size, positives = (
            np.bincount(cells, minlength=most),
            np.bincount(cells, counted.outcome, minlength=most),
        )
        return cls(columns, recency, orders, size, positives.astype(np.float64))

    def cell(self, values: Array) -> Places:
        """The place of each customer's cell. Shape (n,)."""
        recency, orders = values[:, self.columns.at("recency", "frequency")].T
        place = np.searchsorted(self.recency, recency) * (len(self.orders) + 1) + np.searchsorted(
            self.orders, orders
        )
        return np.where(has_bought(self.columns, values) == 1, 1 + place, 0).astype(np.intp)

    @property
    def rate(self) -> float:
        """Everybody's share."""
        return float(self.positives.sum() / max(self.customers.sum(), 1))

    @property
    def rates(self) -> Array:
        """A share a cell, never 0 or 1."""
        rates = (self.positives + TABLE_PRIOR * self.rate) / (self.customers + TABLE_PRIOR)
        return np.asarray(np.clip(rates, RAREST, 1 - RAREST))

    def probability(self, values: Array) -> Array:
        return np.asarray(self.rates[self.cell(values)])

    def cells(self) -> tuple[RateCell, ...]:
        """A row a cell, those who never ordered first."""
        ranges = [(recency, orders) for recency in _between(self.recency) for orders in _between(self.orders)]
        return tuple(
            RateCell(int(customers), int(positives), recency, orders)
            for customers, positives, (recency, orders) in zip(
                self.customers, self.positives, [(None, None), *ranges], strict=True
            )
        )


def _between(cuts: Array) -> list[Range]:
    return list(pairwise([None, *cuts.tolist(), None]))
