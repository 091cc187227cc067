"""Why nothing is possible, and the smallest changes that help."""

from __future__ import annotations

import pytest

from ads.algorithms.allocation import Conflict, Problem, allocate


def in_conflict(problem: Problem) -> Conflict:
    conflict = allocate(problem)
    assert isinstance(conflict, Conflict)
    return conflict


def test_minimums_above_the_budget() -> None:
    conflict = in_conflict(Problem.linear([3, 2, 4], [500, 400, 300], [600, 600, 600], 1000))
    assert conflict.minimums == 1200
    assert conflict.budget_needed == 1200
    assert conflict.conversions_reachable is None
    assert conflict.minimums_lowered == pytest.approx([0, 200, 0])  # the worst placement gives way


def test_conversions_out_of_reach() -> None:
    conflict = in_conflict(
        Problem.linear([1, 1], [0, 0], [500, 2000], 1000, conversions=[0.1, 0.05], min_conversions=100)
    )
    assert conflict.conversions_reachable == pytest.approx(75)
    assert conflict.budget_needed == pytest.approx(1500)
    assert conflict.minimums_lowered is None


def test_conversions_out_of_reach_of_any_budget() -> None:
    conflict = in_conflict(Problem.linear([1], [0], [500], 1000, conversions=[0.1], min_conversions=100))
    assert conflict.budget_needed is None
    assert conflict.conversions_reachable == pytest.approx(50)
