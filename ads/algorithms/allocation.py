"""Dividing an advertising budget among placements: a linear programme, solved by GLOP (OR-Tools).

For placement i with spend x_i the expected return is concave and piecewise linear,

    R_i(x) = r_i g_i(x),    g_i(x) = x (s_i + h_i) / (x + h_i),

a Michaelis-Menten (Hill, exponent 1) response through today's point: at the recent spend s_i it brings
exactly the measured average return r_i. h_i is the half-saturation spend; with h_i infinite g_i(x) = x, the
textbook linear case. The programme

    maximise  sum R_i(x_i)   subject to   sum x_i <= budget,   low_i <= x_i <= high_i,
                                          sum C_i(x_i) >= min_conversions

has C_i(x) = c_i g_i(x). All amounts are in one currency; the caller says nothing about which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Binding = Literal["maximum", "minimum", "rest", "nothing"]
PIECES = 64  # linear pieces a curve: the value gap to the smooth curve stays below 1e-5
BAND = 0.3  # how far a plan may move a placement from its recent spend
TOLERANCE = 1e-6  # relative, for the rows that are checked again after each solve


@dataclass(frozen=True)
class Problem:
    """What may be spent where. Arrays have shape (placements,); amounts in one currency, `unit` its smallest
    coin.

    returns: average return per unit of money at the recent spend. conversions: average conversions per unit
    of money. half_saturation: infinity where the return is taken to be proportional. recent: the spend the
    averages were measured at.
    """

    returns: Floats
    low: Floats
    high: Floats
    budget: float
    conversions: Floats
    half_saturation: Floats
    recent: Floats
    min_conversions: float = 0.0
    unit: float = 0.01

    @classmethod
    def linear(
        cls,
        returns: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        budget: float,
        *,
        conversions: Sequence[float] | None = None,
        min_conversions: float = 0.0,
        unit: float = 0.01,
    ) -> Problem:
        """The textbook case: every unit of money spent on a placement brings the same."""
        n = len(returns)
        return cls(
            np.asarray(returns, float),
            np.asarray(low, float),
            np.asarray(high, float),
            float(budget),
            np.zeros(n) if conversions is None else np.asarray(conversions, float),
            np.full(n, np.inf),
            np.zeros(n),
            min_conversions,
            unit,
        )

    def effect(self, spend: Floats) -> Floats:
        """g_i(x): spend as if the average return held, shape (placements,)."""
        linear = np.isinf(self.half_saturation)
        h = np.where(linear, 1.0, self.half_saturation)
        return np.where(linear, spend, spend * (self.recent + h) / (spend + h))


@dataclass(frozen=True)
class Solution:
    """A division of the budget. `binding` says what stops each placement; `shadow_price` is the return of one
    more unit of budget, `reduced_costs` the return of one more unit on a placement beyond what the last unit
    of budget brings."""

    spend: Floats
    returns: Floats
    conversions: Floats
    shadow_price: float
    reduced_costs: Floats
    binding: list[Binding]

    @property
    def total_spend(self) -> float:
        return float(self.spend.sum())

    @property
    def total_return(self) -> float:
        return float(self.returns.sum())


@dataclass(frozen=True)
class Conflict:
    """Why no division exists, and the smallest change of each kind that makes one possible (None: that alone
    does not help).

    budget_needed and conversions_reachable are totals; minimums_lowered has shape (placements,), amounts to
    take off.
    """

    minimums: float
    budget_needed: float | None
    conversions_reachable: float | None
    minimums_lowered: Floats | None = field(default=None)


class SolverError(RuntimeError):
    """GLOP gave up or broke a row: a fault of ours or of the solver, never of the input."""


def half_saturation(recent: Floats) -> Floats:
    """The prior for h_i, centred on today's spend (shape (placements,)); a placement never tried gets the
    median.

    With no recent spend at all the curves are straight (infinity).
    """
    known = recent[recent > 0]
    return np.where(recent > 0, recent, np.median(known) if known.size else np.inf)


def change_band(
    recent: Floats, low: Floats, high: Floats, budget: float, band: float = BAND
) -> tuple[Floats, Floats]:
    """Narrow hard bounds to +-band around the recent split, scaled to the budget. A placement without recent
    spend may get up to `band` of an average one. The hard bounds win, and so does the budget: band minimums
    that do not fit shrink."""
    total = recent.sum()
    if total <= 0:
        return low, high
    centre = recent * budget / total
    start = np.where(centre > 0, (1 + band) * centre, band * centre[centre > 0].mean())
    lower = np.clip((1 - band) * centre, low, high)
    upper = np.clip(start, lower, high)
    room = budget - low.sum()
    if lower.sum() > budget > 0 and room >= 0:
        lower = low + (lower - low) * room / (lower - low).sum()
    return lower, upper


def allocate(problem: Problem) -> Solution | Conflict:
    """Divide the budget best; the sum never exceeds it, in whole coins. Raises ValueError for bounds that
    cross."""
    check(problem)
    return _attempt(problem) or explain(problem)


def check(problem: Problem) -> None:
    """Raise ValueError unless 0 <= low <= high and the other amounts are finite and not negative."""
    for name in ("returns", "low", "conversions", "recent"):
        values = getattr(problem, name)
        if values.shape != problem.returns.shape or not np.all(np.isfinite(values)) or np.any(values < 0):
            raise ValueError(f"{name} must be finite, not negative and of shape {problem.returns.shape}")
    if np.any(problem.low > problem.high) or not np.all(np.isfinite(problem.high)):
        raise ValueError("each minimum must be at most its maximum, and maximums finite")
    if not problem.budget >= 0:
        raise ValueError("the budget must not be negative")


def frontier(problem: Problem, points: int = 20) -> list[tuple[float, float]]:
    """(spend, best return) from the least to the most the bounds allow: what more or less money would
    bring."""
    ceiling = min(float(problem.high.sum()), max(2 * problem.budget, float(problem.low.sum())))
    found = []
    for budget in np.linspace(problem.low.sum(), ceiling, points):
        solution = _attempt(replace(problem, budget=float(budget)))
        if solution is not None:
            found.append((solution.total_spend, solution.total_return))
    return found


def split(weights: Floats, low: Floats, high: Floats, budget: float) -> Floats:
    """The budget in proportion to `weights`, kept within the bounds (the baseline a plan is compared with).

    Finds t with sum clip(t w, low, high) = budget by bisection; less when the maximums do not take it all.
    """
    if not weights.sum() > 0 or not budget > 0:
        return low.copy()
    top = budget / weights[weights > 0].min()
    bottom = 0.0
    for _ in range(100):
        middle = (bottom + top) / 2
        if np.clip(middle * weights, low, high).sum() > budget:
            top = middle
        else:
            bottom = middle
    return np.clip(bottom * weights, low, high)


def explain(problem: Problem) -> Conflict:
    """The elastic programmes: one kind of row at a time is allowed to give way, as little as possible."""
    return Conflict(
        minimums=float(problem.low.sum()),
        budget_needed=_budget_needed(problem),
        conversions_reachable=_conversions_reachable(problem),
        minimums_lowered=_least_lowered(problem),
    )


# -- inside --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pieces:
    """Linear pieces of the curves, shape (pieces,): whose, how wide, and the mean slope of g on each."""

    owner: npt.NDArray[np.int64]
    width: Floats
    slope: Floats
    low: Floats

    def total(self, amounts: Floats) -> Floats:
        return self.low + np.bincount(self.owner, amounts, self.low.size)

    def edge(self, reduced: Floats, binding: list[Binding]) -> Floats:
        """The reduced cost of each placement: of its last piece where it is at its maximum, of its first at
        its minimum."""
        stops = np.cumsum(np.bincount(self.owner, minlength=self.low.size))
        starts = np.concatenate([[0], stops[:-1]])
        at = {"maximum": stops - 1, "minimum": starts, "nothing": starts}
        return np.array(
            [
                reduced[at[what][i]] if what in at and stops[i] > starts[i] else 0.0
                for i, what in enumerate(binding)
            ]
        )


def _pieces(problem: Problem) -> _Pieces:
    counts = np.where(np.isinf(problem.half_saturation), 1, PIECES)
    counts = np.where(problem.high > problem.low, counts, 0)
    owner = np.repeat(np.arange(counts.size), counts)
    step = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
    start, end = (
        _breakpoint(problem, owner, step / counts[owner]),
        _breakpoint(problem, owner, (step + 1) / counts[owner]),
    )
    of_piece = replace(problem, half_saturation=problem.half_saturation[owner], recent=problem.recent[owner])
    return _Pieces(
        owner, end - start, (of_piece.effect(end) - of_piece.effect(start)) / (end - start), problem.low
    )


def _breakpoint(problem: Problem, owner: npt.NDArray[np.int64], share: Floats) -> Floats:
    """The spend where a piece begins. Equal steps of (x + h)^(-1/2) make the gap to the curve the same on
    each piece, because the second derivative of g falls with (x + h)^(-3)."""
    low, high, h = problem.low[owner], problem.high[owner], problem.half_saturation[owner]
    linear = np.isinf(h)
    h = np.where(linear, 1.0, h)
    first, last = (low + h) ** -0.5, (high + h) ** -0.5
    return np.where(linear, low + share * (high - low), (first + share * (last - first)) ** -2 - h)


def _attempt(problem: Problem) -> Solution | None:
    pieces = _pieces(problem)
    solved = _solve(pieces, problem)
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


def _solve(pieces: _Pieces, problem: Problem) -> tuple[Floats, Floats, Floats] | None:
    """Amounts a piece, duals of (budget, conversions), reduced costs; None when the rows exclude each
    other."""
    base = float((problem.conversions * problem.effect(problem.low)).sum())
    rows = np.vstack([np.ones(pieces.owner.size), -problem.conversions[pieces.owner] * pieces.slope])
    limits = np.array([problem.budget - problem.low.sum(), base - problem.min_conversions])
    return linear_programme(problem.returns[pieces.owner] * pieces.slope, pieces.width, rows, limits)


def linear_programme(
    objective: Floats, high: Floats, rows: Any, limits: Floats
) -> tuple[Floats, Floats, Floats] | None:
    """Maximise objective @ x subject to 0 <= x <= high and rows @ x <= limits, with GLOP.

    objective, high: shape (n,); rows: (m, n), dense or sparse; limits: (m,), infinity for a row that does not
    bind. Returns x, the m duals and the n reduced costs, or None when infeasible. Raises SolverError when
    GLOP gives up or its answer breaks a row.
    """
    if not objective.size:  # GLOP refuses a programme without variables
        return None if np.any(limits < -TOLERANCE) else (objective, np.zeros_like(limits), objective)
    from ortools.linear_solver.python import (
        model_builder_helper,
    )  # late: pages that show plans do not solve any
    from scipy.sparse import csr_matrix

    matrix = csr_matrix(rows)
    low, free = np.zeros_like(objective), np.full_like(limits, -np.inf)
    model = model_builder_helper.ModelBuilderHelper()
    model.fill_model_from_sparse_data(low, high, objective, free, limits, matrix)  # type: ignore[arg-type]  # its stub is wrong
    model.set_maximize(True)
    solver = model_builder_helper.ModelSolverHelper("GLOP")
    solver.solve(model)
    if solver.status() == model_builder_helper.SolveStatus.INFEASIBLE:
        return None
    if solver.status() != model_builder_helper.SolveStatus.OPTIMAL:
        raise SolverError(f"GLOP ended with {solver.status()}")
    x = np.clip(np.asarray(solver.variable_values()), low, high)
    if np.any(matrix @ x > limits + TOLERANCE * np.maximum(1.0, np.abs(matrix) @ x)):
        raise SolverError("GLOP's answer breaks a row")
    return x, np.asarray(solver.dual_values()), np.asarray(solver.reduced_costs())


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


def _budget_needed(problem: Problem) -> float | None:
    """The smallest budget that meets the minimums and the conversions, rounded up to a coin."""
    pieces = _pieces(problem)
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
    solution = _attempt(replace(problem, returns=problem.conversions, min_conversions=0.0))
    return None if solution is None else float(solution.conversions.sum())


def _least_lowered(problem: Problem) -> Floats | None:
    """How much to take off each minimum, in total as little as possible and from the worst placements
    first."""
    free = replace(problem, low=np.zeros_like(problem.low))
    pieces = _pieces(free)
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
