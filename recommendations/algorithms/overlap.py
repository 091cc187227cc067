"""How much alike two rankings are."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

PERSISTENCE = 0.8  # the first six places, which a page or a message shows, carry three quarters of the weight


def rank_overlap(first: Array, second: Array) -> Array:
    """Rank-biased overlap of each pair of lists (customers, k) of product numbers, negative where padded:
    1 for equal lists, 0 for lists without a common product.

    Webber, Moffat, Zobel: A Similarity Measure for Indefinite Rankings (2010), cut at k, its weights scaled
    to sum to 1.
    """
    rows, k = first.shape
    if not k:
        return np.zeros(rows)
    weights = PERSISTENCE ** np.arange(k)
    same = (first[:, :, None] == second[:, None, :]) & (first[:, :, None] >= 0)
    places = np.arange(k)
    # a product common to both counts from the deeper of its two places on
    deeper = np.maximum(places[:, None], places[None, :])
    row, one, other = np.nonzero(same)
    common = np.zeros((rows, k))
    np.add.at(common, (row, deeper[one, other]), 1)
    agreement = common.cumsum(axis=1) / (places + 1)
    return np.asarray(agreement @ weights / weights.sum())
