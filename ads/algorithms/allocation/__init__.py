"""Dividing an advertising budget among placements, as a linear programme."""

from __future__ import annotations

from ads.algorithms.allocation.conflicts import explain
from ads.algorithms.allocation.problem import (
    BAND,
    Binding,
    Conflict,
    Floats,
    Problem,
    Solution,
    Worth,
    change_band,
    check,
    half_saturation,
    split,
)
from ads.algorithms.allocation.programme import SolverError, linear_programme
from ads.algorithms.allocation.solver import frontier, solve

__all__ = [
    "BAND",
    "Binding",
    "Conflict",
    "Floats",
    "Problem",
    "Solution",
    "SolverError",
    "Worth",
    "allocate",
    "change_band",
    "frontier",
    "half_saturation",
    "linear_programme",
    "split",
]


def allocate(problem: Problem) -> Solution | Conflict:
    """Divide the budget best; the sum never exceeds it, in whole coins. Raises ValueError for bounds that
    cross."""
    check(problem)
    return solve(problem) or explain(problem)
