"""Why nothing is possible, and the smallest changes that help."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ads.algorithms.allocation import BAND, Conflict, Problem, Solution, allocate


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


def test_the_budget_that_works_is_the_smallest_that_works() -> None:
    """The band follows the budget: minimums of 1,200 need 1,200, whatever the band asks for at 1,000."""
    recent = np.array([400.0, 900.0, 300.0])
    low = np.array([400.0, 500.0, 300.0])
    problem = Problem(
        np.array([3.0, 2.0, 4.0]), low, np.full(3, np.inf), 1000.0, np.ones(3), recent, recent, band=BAND
    )
    conflict = in_conflict(problem)
    assert conflict.budget_needed == 1200
    assert isinstance(allocate(problem.at(1200.0)), Solution)
    assert conflict.minimums_lowered is not None
    assert isinstance(allocate(replace(problem, low=low - conflict.minimums_lowered)), Solution)


def test_each_remedy_for_conversions_works_and_no_smaller_one() -> None:
    recent = np.array([400.0, 900.0])
    problem = Problem(
        np.array([3.0, 2.0]),
        np.zeros(2),
        np.full(2, np.inf),
        1000.0,
        np.array([0.02, 0.05]),
        recent,
        recent,
        min_conversions=60,
        band=BAND,
    )
    conflict = in_conflict(problem)
    needed = conflict.budget_needed
    assert needed is not None
    assert isinstance(allocate(problem.at(needed)), Solution)
    assert isinstance(allocate(problem.at(needed - 0.02)), Conflict)
    assert conflict.conversions_reachable is not None
    assert isinstance(allocate(replace(problem, min_conversions=conflict.conversions_reachable)), Solution)
