from __future__ import annotations

import numpy as np
import pytest

from recommendations.algorithms.overlap import PERSISTENCE, rank_overlap

PLAIN = np.array([[1, 2, 3, 4]])


@pytest.mark.parametrize(
    ("other", "expected"), [([1, 2, 3, 4], 1.0), ([5, 6, 7, 8], 0.0), ([-1, -1, -1, -1], 0.0)]
)
def test_equal_and_disjoint_lists(other, expected):
    assert rank_overlap(PLAIN, np.array([other])) == pytest.approx(expected)


def test_the_overlap_by_hand():
    weights = PERSISTENCE ** np.arange(4)
    agreement = np.array([0, 1, 2 / 3, 3 / 4])  # 2, 1, 9, 3: both have 1 and 2 from the second place on
    found = rank_overlap(PLAIN, np.array([[2, 1, 9, 3]]))
    assert found == pytest.approx((agreement @ weights) / weights.sum())


def test_the_top_counts_most():
    top, bottom = (rank_overlap(PLAIN, np.array([other]))[0] for other in ([9, 2, 3, 4], [1, 2, 3, 9]))
    assert bottom > top


def test_padding_is_no_common_product():
    assert rank_overlap(np.array([[1, -1]]), np.array([[2, -1]])) == 0
    assert rank_overlap(np.empty((3, 0), int), np.empty((3, 0), int)).tolist() == [0, 0, 0]
