"""What the next unit of money is worth."""

from __future__ import annotations

import numpy as np

from ads.algorithms.allocation import Problem
from ads.algorithms.allocation.marginals import stops, worths


def test_bounds_stop_placements() -> None:
    problem = Problem.linear([5, 4, 3, 2, 1], [10, 0, 20, 7, 0], [50, 40, 90, 7, 80], 117)
    spend = np.array([50.0, 40.0, 20.0, 7.0, 0.0])
    assert stops(problem, spend) == ["maximum", "maximum", "minimum", "fixed", "nothing"]


def test_the_next_unit_is_compared_with_the_same_unit_elsewhere() -> None:
    """At a tie more spend here would return as much as elsewhere, not more."""
    problem = Problem.linear([4, 3, 3, 3, 1], [0, 0, 0, 10, 0], [50, 50, 90, 50, 80], 170)
    spend = np.array([50.0, 50.0, 60.0, 10.0, 0.0])
    assert worths(problem, spend, stops(problem, spend)) == ["more", "same", "", "same", "less"]
