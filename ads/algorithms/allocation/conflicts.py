"""Why no division exists: elastic programmes, in which one kind of row at a time gives way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ads.algorithms.allocation.problem import Conflict, Floats, Problem
from ads.algorithms.allocation.programme import cut_into_pieces, linear_programme
from ads.algorithms.allocation.solver import solve


def explain(problem: Problem) -> Conflict:
    """The elastic programmes: one kind of row at a time is allowed to give way, as little as possible."""
    return Conflict(
        minimums=float(problem.low.sum()),
        budget_needed=_budget_needed(problem),
        conversions_reachable=_conversions_reachable(problem),
        minimums_lowered=_least_lowered(problem),
    )


def _budget_needed(problem: Problem) -> float | None:
    """The smallest budget that meets the minimums and the conversions, rounded up to a coin."""
    pieces = cut_into_pieces(problem)
    base = float((problem.conversions * problem.effect(problem.low)).sum())
    solved = linear_programme(
        -np.ones(pieces.owner.size),
        pieces.width,
        -(problem.conversions[pieces.owner] * pieces.slope)[None, :],
        np.array([base - problem.min_conversions]),
    )
    if solved is None:
        return None
    return float(np.ceil((problem.low.sum() + solved[0].sum()) / problem.unit - 1e-6) * problem.unit)


def _conversions_reachable(problem: Problem) -> float | None:
    """The most conversions the budget can bring; None when the minimums alone exceed it."""
    solution = solve(replace(problem, returns=problem.conversions, min_conversions=0.0))
    return None if solution is None else float(solution.conversions.sum())


def _least_lowered(problem: Problem) -> Floats | None:
    """How much to take off each minimum, in total as little as possible and from the worst placements
    first."""
    free = replace(problem, low=np.zeros_like(problem.low))
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
    return None if solved is None else np.round(solved[0][m:], 2)
