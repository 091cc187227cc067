"""Why no division exists, and the smallest change of each kind that alone makes one possible."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ads.algorithms.allocation.problem import Conflict, Floats, Problem
from ads.algorithms.allocation.programme import cut_into_pieces, linear_programme
from ads.algorithms.allocation.solver import solve

MOST = 1e12  # no budget is searched for above


def explain(problem: Problem) -> Conflict:
    """Each remedy is tried: what is named here makes a division possible."""
    reachable = _conversions_reachable(problem)
    return Conflict(
        minimums=float(problem.low.sum()),
        budget_needed=_budget_needed(problem),
        conversions_reachable=reachable,
        minimums_lowered=_least_lowered(problem),
        band_in_the_way=problem.band is not None and solve(replace(problem, band=None)) is not None,
    )


def _budget_needed(problem: Problem) -> float | None:
    """The smallest budget, in whole coins, that a division exists for; the band follows the budget."""
    least = float(np.ceil(max(problem.low.sum(), problem.budget) / problem.unit - 1e-6))
    if _possible(problem, least):
        return _amount(problem, least)
    most = max(2 * least, 1.0)
    while not _possible(problem, most):
        if most * problem.unit > MOST or most * problem.unit > 4 * problem.high.sum():
            return None
        most *= 2
    while most - least > 1:
        middle = float(np.floor((least + most) / 2))
        least, most = (least, middle) if _possible(problem, middle) else (middle, most)
    return _amount(problem, most)


def _amount(problem: Problem, coins: float) -> float:
    return float(np.round(coins * problem.unit, 6))


def _possible(problem: Problem, coins: float) -> bool:
    wanted = problem.at(_amount(problem, coins))
    if problem.low.sum() > wanted.budget + problem.unit / 2:
        return False
    reachable = _conversions_reachable(wanted) if problem.min_conversions else 0.0
    return reachable is not None and reachable >= problem.min_conversions * (1 - 1e-9)


def _conversions_reachable(problem: Problem) -> float | None:
    """The most conversions the budget can bring; None when the minimums alone exceed it."""
    solution = solve(replace(problem, returns=problem.conversions, min_conversions=0.0))
    return None if solution is None else float(solution.conversions.sum())


def _least_lowered(problem: Problem) -> Floats | None:
    """How much to take off each minimum, in total as little as possible and from the worst placements first,
    in whole coins; None where that does not help."""
    free = replace(problem, low=np.zeros_like(problem.low), band=None).narrowed()
    pieces = cut_into_pieces(free)
    n, m = problem.low.size, pieces.owner.size
    dearness = 1 + 1e-3 * problem.returns / max(float(problem.returns.max()), 1e-12)
    spend_of = np.zeros((n, m))
    spend_of[pieces.owner, np.arange(m)] = 1
    rows = np.vstack(
        [
            np.hstack([np.ones(m), np.zeros(n)]),
            np.hstack([-problem.conversions[pieces.owner] * pieces.slope, np.zeros(n)]),
            np.hstack([-spend_of, -np.eye(n)]),
        ]
    )
    solved = linear_programme(
        np.concatenate([np.zeros(m), -dearness]),
        np.concatenate([pieces.width, problem.low]),
        rows,
        np.concatenate([[problem.budget, -problem.min_conversions], -problem.low]),
    )
    if solved is None:
        return None
    lowered = np.minimum(np.ceil(solved[0][m:] / problem.unit - 1e-4) * problem.unit, problem.low)
    helps = lowered.any() and solve(replace(problem, low=problem.low - lowered)) is not None
    return np.round(lowered, 6).astype(float) if helps else None
