"""The best division of a budget:

    maximise  sum R_i(x_i)   subject to   sum x_i <= budget,   low_i <= x_i <= high_i,
                                          sum C_i(x_i) >= min_conversions

in whole coins.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ads.algorithms.allocation.marginals import stops, worths
from ads.algorithms.allocation.problem import Floats, Problem, Solution, split
from ads.algorithms.allocation.programme import (
    Pieces,
    SolverError,
    cut_finer,
    cut_into_pieces,
    linear_programme,
    reach,
)

GAP = 1e-6  # the proven distance to the best return at which curves are not cut finer any more
ROUNDS = 8
FINE = 1e-6  # the coin in which the return of the next money is measured
STEP = 1e-3


def frontier(problem: Problem, points: int = 20) -> list[tuple[float, float]]:
    """(spend, best return) from the least that the bounds allow to twice the budget, the budget among them:
    what more or less money would return within the same limits."""
    least = float(problem.low.sum())
    most = min(float(problem.high.sum()), max(2 * problem.budget, least))
    found = set()
    for budget in {*np.linspace(least, most, points), min(problem.budget, most)}:
        solution = _solved(problem.at(float(budget)))
        if solution is not None:
            found.add((solution.total_spend, solution.total_return))
    return sorted(found)


def solve(wanted: Problem) -> Solution | None:
    """The best division, with the return of the next money; None where the rows exclude each other."""
    solution = _solved(wanted)
    return None if solution is None else replace(solution, shadow_price=next_return(wanted))


def next_return(wanted: Problem) -> float:
    """What one more unit of budget returns: the best division of a slightly larger budget beside the best of
    this one, per unit. The band follows the budget, as it does in a plan: with more to spend its limits are
    wider, which no dual of this budget's programme knows.

    One unit of money more where every placement is straight; a thousandth of the budget where the curves
    leave the best return known to GAP only.
    """
    straight = bool(np.isinf(wanted.half_saturation).all())
    step = 1.0 if straight else max(1.0, STEP * wanted.budget)
    values, errors = [], []
    for budget in (wanted.budget, wanted.budget + step):
        problem = replace(wanted, budget=budget, unit=FINE).narrowed()
        best = _best(problem)
        if best is None:
            return 0.0
        values.append(float(problem.returns @ problem.effect(best[0])))
        errors.append(values[-1] * best[2])
    gained = values[1] - values[0]
    return 0.0 if gained <= sum(errors) + 1e-9 * abs(values[0]) else round(gained / step, 6)


def _solved(wanted: Problem) -> Solution | None:
    """The best division, without the return of the next money (0)."""
    problem = wanted.narrowed()
    solved = _best(problem)
    if solved is None:
        return None
    found, duals, gap = solved
    exact = _ties_shared(problem, found)
    spend = _coins(problem, exact)
    _verify(problem, spend)
    effect = problem.effect(spend)
    goal_binds = bool(duals[1] > 1e-9 and problem.min_conversions > 0)
    binding = stops(problem, spend)
    return Solution(
        spend,
        problem.returns * effect,
        problem.conversions * effect,
        problem.low,
        problem.high,
        0.0,
        gap,
        binding,
        worths(problem, spend, binding) if not goal_binds else [""] * spend.size,
        goal_binds,
    )


def _best(problem: Problem) -> tuple[Floats, Floats, float] | None:
    """Spend, duals of (budget, conversions) and the proven gap: the programme of the pieces is solved, cut
    finer around its answer, and solved again until no other division can be better by more than GAP."""
    pieces, first = cut_into_pieces(problem), _start(problem)
    if first is not None:
        pieces = cut_finer(pieces, problem, first)
    best: tuple[Floats, Floats, float] | None = None
    for _round in range(ROUNDS):
        solved = _amounts(pieces, problem)
        if solved is None:
            return best
        spend = np.clip(pieces.total(solved[0]), problem.low, problem.high)
        value = float(problem.returns @ problem.effect(spend))
        gap = max(0.0, _upper_bound(problem, solved[1]) - value) / max(value, 1e-12)
        if best is None or gap < best[2]:
            best = spend, solved[1], gap
        if gap <= GAP or not pieces.window.any():
            break
        pieces = cut_finer(pieces, problem, spend)
    return best


def _ties_shared(problem: Problem, spend: Floats) -> Floats:
    """Straight placements that are alike in return and conversions share evenly what they get together: the
    programme would give all of it to any one of them."""
    shared = spend.copy()
    straight = np.flatnonzero(np.isinf(problem.half_saturation))
    alike = np.column_stack([problem.returns[straight], problem.conversions[straight]])
    _kinds, kind = np.unique(np.round(alike, 12), axis=0, return_inverse=True)
    for number in range(int(kind.max(initial=-1)) + 1):
        of_kind = straight[kind.ravel() == number]
        if of_kind.size > 1:
            low, high = problem.low[of_kind], problem.high[of_kind]
            shared[of_kind] = split(np.ones(of_kind.size), low, high, float(spend[of_kind].sum()))
    return shared


def _start(problem: Problem) -> Floats | None:
    """The split with the most conversions, where some are required: the straight pieces lie below the curves
    and could miss by a hair what is possible."""
    if problem.min_conversions <= 0 or not np.isfinite(problem.half_saturation).any():
        return None
    most = _best(replace(problem, returns=problem.conversions, min_conversions=0.0))
    return None if most is None else most[0]


def _amounts(pieces: Pieces, problem: Problem) -> tuple[Floats, Floats] | None:
    """Amounts a piece and duals of (budget, conversions); None when the rows exclude each other."""
    base = float((problem.conversions * problem.effect(problem.low)).sum())
    rows = np.vstack([np.ones(pieces.owner.size), -problem.conversions[pieces.owner] * pieces.slope])
    limits = np.array([problem.budget - problem.low.sum(), base - problem.min_conversions])
    solved = linear_programme(problem.returns[pieces.owner] * pieces.slope, pieces.width, rows, limits)
    return None if solved is None else (solved[0], np.maximum(solved[1], 0.0))


def _upper_bound(problem: Problem, duals: Floats) -> float:
    """No division returns more (Lagrange): the best of each placement alone, where each unit of money costs
    the first dual and each conversion earns the second."""
    price, reward = float(duals[0]), float(duals[1])
    weight, h, top = problem.returns + reward * problem.conversions, problem.half_saturation, reach(problem)
    linear = np.isinf(h)
    finite = np.where(linear, 1.0, h)
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 / 0: worth nothing and free
        turn = np.nan_to_num(np.sqrt(weight * (problem.recent + finite) * finite / price) - finite)
    best = np.where(linear, np.where(weight > price, top, problem.low), np.clip(turn, problem.low, top))
    alone = weight * problem.effect(best) - price * best
    return float(alone.sum() + price * problem.budget - reward * problem.min_conversions)


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
