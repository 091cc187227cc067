"""Recency, frequency and monetary value as scores from 1 to 5 (Hughes 1994, "Strategic Database Marketing")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SCORES = 5

# Rows: recency score 1 (long ago) to 5 (just now); columns: the mean of the frequency and monetary scores, 1 to 5.
CLASSES = [
    ["lost", "lost", "at-risk", "cant-lose", "cant-lose"],
    ["hibernating", "hibernating", "at-risk", "at-risk", "cant-lose"],
    ["about-to-sleep", "about-to-sleep", "need-attention", "loyal", "loyal"],
    ["promising", "potential-loyalist", "potential-loyalist", "loyal", "loyal"],
    ["new", "potential-loyalist", "potential-loyalist", "loyal", "champions"],
]
NAMES = list(dict.fromkeys(name for row in reversed(CLASSES) for name in reversed(row)))


def scores(values: NDArray[np.float64], *, high_is_good: bool) -> NDArray[np.int64]:
    """n values -> n scores from 1 to 5 by fifths of the ranks; equal values get equal scores.

    With many ties (most customers bought once) the fifths are uneven: that is the data, not an error.
    """
    from scipy.stats import rankdata  # late: it takes a second to load

    ranks = rankdata(values if high_is_good else -values, method="average") / len(values)
    return np.clip(np.ceil(ranks * SCORES), 1, SCORES).astype(np.int64)


def classes(
    recency: NDArray[np.float64], frequency: NDArray[np.float64], monetary: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Days, counts and money of n customers -> (index into NAMES, recency score, frequency-and-money score), each of length n."""
    r = scores(recency, high_is_good=False)
    fm = np.rint((scores(frequency, high_is_good=True) + scores(monetary, high_is_good=True)) / 2).astype(np.int64)
    table = np.array([[NAMES.index(name) for name in row] for row in CLASSES])
    return table[r - 1, fm - 1], r, fm
