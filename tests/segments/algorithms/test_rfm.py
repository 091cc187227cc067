"""Scores from 1 to 5, and the classes they make."""

from __future__ import annotations

import numpy as np

from segments.algorithms import rfm


def test_rfm_scores_are_fifths_and_ties_are_equal():
    assert np.bincount(rfm.scores(np.arange(100.0), high_is_good=True))[1:].tolist() == [20] * 5
    tied = rfm.scores(np.array([1.0] * 80 + [2.0] * 20), high_is_good=True)
    assert len(set(tied[:80])) == 1
    assert tied[0] < tied[-1]
    assert set(rfm.scores(np.array([1.0] * 80 + [2.0] * 20), high_is_good=True, ties="min")) == {1, 5}


def test_rfm_classes_of_extremes():
    found = rfm.classes(
        np.array([[5, 5, 5], [1, 1, 1], [5, 4, 5], [5, 5, 3], [1, 4, 5], [5, 1, 5], [1, 1, 5]])
    )
    assert [rfm.NAMES[position] for position in found] == [
        "champions",
        "lost",
        "champions",
        "loyal",
        "cant-lose",
        "potential-loyalist",
        "lost",
    ]


def test_one_large_order_is_no_habit():
    scored = np.array([[5, 1, 5], [5, 2, 5], [5, 3, 4]])
    assert rfm.worth(scored).tolist() == [2, 3, 4]


def test_the_cells_of_all_classes_cover_the_table_once():
    table = np.array([rfm.cells(name) for name in rfm.NAMES])
    assert (table.sum(axis=0) == 1).all()
    assert rfm.cells("champions")[4] == [False, False, False, False, True]
