from __future__ import annotations

import numpy as np

from recommendations.algorithms.examples import most_different


def test_lists_that_share_nothing_come_first():
    lists = np.array([[0, 1, 2], [0, 1, 3], [7, 8, 9], [4, 5, -1], [0, 1, 2]])
    assert set(most_different(lists, 3)) == {0, 2, 3}


def test_never_more_than_there_are_and_none_twice():
    lists = np.array([[0, 1], [0, 1], [2, 3]])
    assert sorted(most_different(lists, 50)) == [0, 1, 2]
    assert len(most_different(lists[:0], 5)) == 0
