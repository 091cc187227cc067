"""Recency, frequency and monetary value as scores from 1 to 5 (Hughes 1994, "Strategic Database
Marketing")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SCORES = 5

# Rows: recency score 1 (long ago) to 5 (just now); columns: the mean of the frequency and monetary scores, 1
# to 5 (see `worth`).
CLASSES = [
    ["lost", "lost", "at-risk", "cant-lose", "cant-lose"],
    ["hibernating", "hibernating", "at-risk", "at-risk", "cant-lose"],
    ["about-to-sleep", "about-to-sleep", "need-attention", "loyal", "loyal"],
    ["promising", "potential-loyalist", "potential-loyalist", "loyal", "loyal"],
    ["new", "potential-loyalist", "potential-loyalist", "loyal", "champions"],
]
NAMES = list(dict.fromkeys(name for row in reversed(CLASSES) for name in reversed(row)))


def scores(values: NDArray[np.float64], *, high_is_good: bool, ties: str = "average") -> NDArray[np.int64]:
    """n values -> n scores from 1 to 5 by fifths of the ranks; equal values get equal scores, those of their
    mean rank, or with `ties` "min" those of the lowest: where most customers bought once, one order is no
    middling number of orders.

    With many ties the fifths are uneven: that is the data, not an error.
    """
    from scipy.stats import rankdata  # late: it takes a second to load

    ranks = rankdata(values if high_is_good else -values, method=ties) / len(values)
    return np.clip(np.ceil(ranks * SCORES), 1, SCORES).astype(np.int64)


def classes(scored: NDArray[np.int64]) -> NDArray[np.int64]:
    """n x 3 scores (recency, frequency, monetary) -> the index of each class in NAMES, of length n."""
    table = np.array([[NAMES.index(name) for name in row] for row in CLASSES])
    return np.asarray(table[scored[:, 0] - 1, worth(scored) - 1])


def worth(scored: NDArray[np.int64]) -> NDArray[np.int64]:
    """n x 3 scores -> the column of CLASSES, 1 to 5: the mean of the frequency and monetary scores, halves
    rounded up, but at most one more than the frequency score: the classes say how often somebody buys, and
    one large order is no habit."""
    return np.asarray(np.minimum((scored[:, 1] + scored[:, 2] + 1) // 2, scored[:, 1] + 1))


def cells(name: str) -> list[list[bool]]:
    """Which cells of CLASSES are of the class `name`: rows and columns as there."""
    return [[cell == name for cell in row] for row in CLASSES]
