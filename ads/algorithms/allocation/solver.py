"""The best division of a budget:

    maximise  sum R_i(x_i)   subject to   sum x_i <= budget,   low_i <= x_i <= high_i,
                                          sum C_i(x_i) >= min_conversions

in whole coins.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ads.algorithms.allocation.problem import Binding, Floats, Problem, Solution
from ads.algorithms.allocation.programme import Pieces, SolverError, cut_into_pieces, linear_programme


def frontier(problem: Problem, points: int = 20) -> list[tuple[float, float]]:
    """(spend, best return) from the least to the most the bounds allow: what more or less money would
    return."""
    ceiling = min(float(problem.high.sum()), max(2 * problem.budget, float(problem.low.sum())))
    found = []
    for budget in np.linspace(problem.low.sum(), ceiling, points):
        solution = solve(replace(problem, budget=float(budget)))
        if solution is not None:
            found.append((solution.total_spend, solution.total_return))
    return found


def solve(problem: Problem) -> Solution | None:
    """The best division; None where the rows exclude each other."""
    pieces = cut_into_pieces(problem)
    solved = _amounts(pieces, problem)
    if solved is None:
        return None
    amounts, duals, reduced = solved
    spend = _coins(problem, pieces.total(amounts))
    _verify(problem, spend)
    binding = _binding(problem, spend)
    effect = problem.effect(spend)
    return Solution(
        spend,
        problem.returns * effect,
        problem.conversions * effect,
        max(0.0, float(duals[0])),
        pieces.edge(reduced, binding),
        binding,
    )


def _amounts(pieces: Pieces, problem: Problem) -> tuple[Floats, Floats, Floats] | None:
    """Amounts a piece, duals of (budget, conversions), reduced costs; None when the rows exclude each
    other."""
    base = float((problem.conversions * problem.effect(problem.low)).sum())
    rows = np.vstack([np.ones(pieces.owner.size), -problem.conversions[pieces.owner] * pieces.slope])
    limits = np.array([problem.budget - problem.low.sum(), base - problem.min_conversions])
    return linear_programme(problem.returns[pieces.owner] * pieces.slope, pieces.width, rows, limits)


def _coins(problem: Problem, spend: Floats) -> Floats:
    """Whole coins: round down, then hand the coins left over to the placements that lost most by it."""
    exact = np.clip(spend, problem.low, problem.high) / problem.unit
    coins = np.floor(exact + 1e-6)
    left = int(np.floor(min(problem.budget / problem.unit, exact.sum()) + 1e-6) - coins.sum())
    order = np.argsort(coins - exact, kind="stable")
    room = coins[order] + 1 <= np.floor(problem.high[order] / problem.unit + 1e-6)
    lucky = order[room][: max(0, left)]
    coins[lucky] += 1
    return np.round(coins * problem.unit, 6)


def _verify(problem: Problem, spend: Floats) -> None:
    coin = problem.unit * (1 + 1e-6)
    if spend.sum() > problem.budget + 1e-6 * max(1.0, problem.budget) * problem.unit:
        raise SolverError("the plan exceeds its budget")
    if np.any(spend < problem.low - coin) or np.any(spend > problem.high + coin):
        raise SolverError("the plan leaves its bounds")


def _binding(problem: Problem, spend: Floats) -> list[Binding]:
    coin = problem.unit
    return [
        "maximum"
        if amount >= high - coin and high > 0
        else "nothing"
        if amount <= coin / 2
        else "minimum"
        if amount <= low + coin
        else "rest"
        for amount, low, high in zip(spend, problem.low, problem.high, strict=True)
    ]
