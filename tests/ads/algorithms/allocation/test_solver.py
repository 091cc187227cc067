"""The linear programme against hand computation, brute force, an exact greedy solver and closed forms."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ads.algorithms.allocation import (
    Conflict,
    Problem,
    Solution,
    allocate,
    frontier,
    half_saturation,
)


def solved(problem: Problem) -> Solution:
    solution = allocate(problem)
    assert isinstance(solution, Solution)
    return solution


THREE_ADS = Problem.linear([3, 2, 4], [100, 100, 100], [400, 500, 300], 1000)


def test_textbook_three_ads() -> None:
    plan = solved(THREE_ADS)
    assert plan.spend.tolist() == [400, 300, 300]
    assert plan.total_return == 3000
    assert plan.shadow_price == 2  # one more pound goes to the second ad
    assert plan.binding == ["maximum", "rest", "maximum"]
    assert plan.worth == ["more", "", "more"]


@pytest.mark.parametrize(
    ("returns", "low", "high", "budget", "spend", "total"),
    [
        ([0.05, 0.08, 0.06], [0, 0, 0], [500, 400, 600], 1000, [0, 400, 600], 68),
        ([1.2, 1.5, 1.1], [100, 100, 100], [1000, 1000, 1000], 1000, [100, 800, 100], 1430),
        ([2, 2.5, 3], [200, 200, 200], [500, 300, 400], 1000, [300, 300, 400], 2550),
        (
            [3, 2, 4],
            [0, 0, 0],
            [100, 100, 100],
            1000,
            [100, 100, 100],
            900,
        ),  # the maximums take less than the budget
        ([3, 2, 4], [400, 300, 300], [400, 300, 300], 1000, [400, 300, 300], 3000),  # nothing is free
        ([5], [0], [1000], 250.55, [250.55], 1252.75),
    ],
)
def test_textbook_variants(returns, low, high, budget, spend, total):
    plan = solved(Problem.linear(returns, low, high, budget))
    assert plan.spend == pytest.approx(spend)
    assert plan.total_return == pytest.approx(total)


def test_brute_force_with_a_conversion_goal() -> None:
    """Every split in steps of 50: the plan is at least as good as the best of them, and no cheating on the
    goal."""
    returns, conversions = np.array([3.0, 2.0, 4.0]), np.array([0.05, 0.2, 0.01])
    problem = Problem.linear(
        returns, [0, 0, 0], [600, 600, 600], 1000, conversions=conversions, min_conversions=100
    )
    grid = [np.array(x) for x in itertools.product(range(0, 601, 50), repeat=3) if sum(x) <= 1000]
    best = max(float(returns @ x) for x in grid if conversions @ x >= 100)
    plan = solved(problem)
    assert plan.total_return >= best - 1e-6
    assert plan.conversions.sum() >= 100 - 1e-3
    assert plan.total_return < solved(Problem.linear(returns, [0, 0, 0], [600, 600, 600], 1000)).total_return


def greedy(returns: list[int], low: list[int], high: list[int], budget: int) -> float:
    """Exact for a box and one budget: fill the best first (the fractional knapsack)."""
    left, total = budget - sum(low), sum(r * a for r, a in zip(returns, low, strict=True))
    for r, a, b in sorted(zip(returns, low, high, strict=True), reverse=True):
        step = min(left, b - a)
        left, total = left - step, total + r * step
    return total


ads = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 200), st.integers(0, 500)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(ads, st.integers(0, 3000))
def test_agrees_with_the_exact_greedy_solver(rows: list[tuple[int, int, int]], budget: int) -> None:
    returns, low = [row[0] for row in rows], [row[1] for row in rows]
    high = [row[1] + row[2] for row in rows]
    outcome = allocate(Problem.linear(returns, low, high, budget))
    if sum(low) > budget:
        assert isinstance(outcome, Conflict)
        assert outcome.budget_needed == pytest.approx(sum(low))
    else:
        assert isinstance(outcome, Solution)
        assert outcome.total_return == pytest.approx(greedy(returns, low, high, budget), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 9), st.just(0.0) | st.floats(0.01, 900)), min_size=1, max_size=6),
    st.decimals(1, 2000, places=2),
)
def test_whole_pennies_never_exceed_the_budget(rows: list[tuple[float, float]], budget: object) -> None:
    returns, recent = np.array(rows).T
    amount = float(budget)  # type: ignore[arg-type]  # a decimal
    problem = Problem(
        returns,
        np.zeros(returns.size),
        np.full(returns.size, amount),
        amount,
        np.zeros(returns.size),
        half_saturation(recent),
        recent,
    )
    pennies = solved(problem).spend * 100
    assert pennies == pytest.approx(np.round(pennies), abs=1e-6)
    assert round(float(pennies.sum())) <= round(amount * 100)


def test_saturation_agrees_with_the_closed_form() -> None:
    """Two equal curves share equally; with r1 = 4 r2 and h = s the optimum has (x1 + h) = 2 (x2 + h)."""
    recent = np.array([100.0, 100.0])
    problem = Problem(
        np.array([4.0, 1.0]),
        np.zeros(2),
        np.full(2, 500.0),
        400.0,
        np.zeros(2),
        half_saturation(recent),
        recent,
    )
    plan = solved(problem)
    assert plan.spend == pytest.approx([300, 100], abs=0.5)
    exact = problem.returns @ problem.effect(np.array([300.0, 100.0]))
    assert plan.total_return == pytest.approx(exact, rel=1e-6)
    assert plan.shadow_price == pytest.approx(4 * 100 * 200 / 400**2, rel=0.002)
    assert plan.worth == ["same", "same"]


curves = st.lists(
    st.tuples(
        st.floats(0.1, 9),  # return
        st.floats(1, 900),  # recent spend
        st.floats(0.01, 50),  # half-saturation, as a multiple of it
        st.floats(0, 300),  # minimum
        st.floats(1, 2000) | st.just(np.inf),  # how far the maximum lies above
        st.floats(0.001, 0.5),  # conversions
    ),
    min_size=1,
    max_size=6,
)


def of_curves(rows: list[tuple[float, ...]], share: float, **more: float) -> Problem:
    returns, recent, half, low, room, conversions = np.array(rows).T
    low, room = np.round(low, 2), np.round(room, 2)
    return Problem(
        returns, low, low + room, low.sum() + round(share, 2), conversions, half * recent, recent, **more
    )


def filled_up(problem: Problem) -> float:
    """The best return by another way: the price of money at which all placements together cost the budget."""
    s, h = problem.recent, problem.half_saturation

    def spend(price: float) -> np.ndarray:
        return np.clip(np.sqrt(problem.returns * (s + h) * h / price) - h, problem.low, problem.high)

    if spend(1e-12).sum() <= problem.budget:
        return float(problem.returns @ problem.effect(spend(1e-12)))
    bottom, top = 1e-12, 1e6
    for _ in range(200):
        middle = np.sqrt(bottom * top)
        bottom, top = (middle, top) if spend(middle).sum() > problem.budget else (bottom, middle)
    return float(problem.returns @ problem.effect(spend(top)))


@settings(max_examples=40, deadline=None)
@given(curves, st.floats(1, 3000))
def test_curves_are_divided_as_well_as_promised(rows: list[tuple[float, ...]], budget: float) -> None:
    problem = of_curves(rows, budget)
    plan = solved(problem)
    assert plan.gap <= 1e-5
    assert plan.total_return == pytest.approx(filled_up(problem), rel=1e-5, abs=0.02 * 9)  # whole pennies


@settings(max_examples=15, deadline=None)
@given(curves, st.floats(10, 3000), st.floats(0.3, 1))
def test_conversions_that_can_be_reached_are_reached(
    rows: list[tuple[float, ...]], budget: float, share: float
) -> None:
    free = of_curves(rows, budget)
    most = solved(replace(free, returns=free.conversions)).conversions.sum()
    plan = solved(replace(free, min_conversions=share * most))
    assert plan.conversions.sum() >= share * most - 0.05  # whole pennies
    assert plan.gap <= 1e-5


@pytest.mark.parametrize(
    ("returns", "high", "budget", "price"),
    [
        ([0.8], [1000], 500, 0.8),  # one placement below its maximum
        ([0.8], [500], 500, 0),  # at its maximum: nothing takes one more
        ([3, 2], [500, 500], 500, 2),  # the maximum and the budget end at once: the next goes elsewhere
        ([3, 2], [500, np.inf], 2000, 2),
        ([3], [np.inf], 2000, 3),
    ],
)
def test_one_more_returns_what_the_next_unit_returns(returns, high, budget, price):
    assert solved(Problem.linear(returns, [0] * len(returns), high, budget)).shadow_price == price


@settings(max_examples=15, deadline=None)
@given(curves, st.floats(100, 3000), st.booleans())
def test_one_more_lies_between_what_plans_of_less_and_of_more_return(
    rows: list[tuple[float, ...]], budget: float, curved: bool
) -> None:
    """Within a band, which moves with the budget."""
    problem = replace(of_curves(rows, budget), low=np.zeros(len(rows)), band=0.3)
    if not curved:
        problem = replace(problem, half_saturation=np.full(len(rows), np.inf))
    less, plan, more = (solved(problem.at(budget * share)) for share in (0.95, 1, 1.05))
    step, blur = 0.05 * budget, 0.01 * len(rows) * float(problem.returns.max())
    assert plan.shadow_price * step <= plan.total_return - less.total_return + blur
    assert plan.shadow_price * step >= more.total_return - plan.total_return - blur


def test_one_more_where_conversions_are_required() -> None:
    """90 conversions of 100 units: 80 go to the second ad. One more unit can all go to the first."""
    problem = Problem.linear([3, 1], [0, 0], [500, 500], 100, conversions=[0.5, 1], min_conversions=90)
    plan = solved(problem)
    assert plan.spend == pytest.approx([20, 80])
    more = solved(problem.at(101.0)).total_return - plan.total_return
    assert plan.shadow_price == pytest.approx(more) == pytest.approx(5)
    assert plan.goal_binds


def test_ties_and_fixed_bounds_are_called_so() -> None:
    tied = solved(Problem.linear([2, 2, 1], [0, 0, 50], [300, 900, 50], 800))
    assert tied.binding[2] == "fixed"
    assert {tied.worth[0], tied.worth[1]} <= {"same", ""}
    nothing_left = solved(Problem.linear([3, 2], [400, 300], [500, 500], 700))
    assert nothing_left.binding == ["minimum", "minimum"]
    assert nothing_left.worth == ["", ""]
    all_full = solved(Problem.linear([3, 2], [0, 0], [400, 300], 1000))
    assert all_full.binding == ["maximum", "maximum"]


def test_frontier_rises_and_flattens() -> None:
    points = np.array(frontier(THREE_ADS))
    gains = np.diff(points[:, 1]) / np.diff(points[:, 0])
    assert points[0].tolist() == [300, 900]
    assert points[-1].tolist() == [1200, 3400]
    assert gains == pytest.approx(np.sort(gains)[::-1], abs=0.001)  # whole pennies


def test_frontier_meets_the_plan_and_goes_beyond_it() -> None:
    """Without maximums, a plan of 2,000 returns on the curve what it returns as a plan."""
    recent = np.array([700.0, 300.0])
    free = Problem(
        np.array([3.0, 2.0]), np.zeros(2), np.full(2, np.inf), 2000.0, np.zeros(2), recent, recent, band=0.3
    )
    plan, points = solved(free), frontier(free)
    assert (plan.total_spend, plan.total_return) in points
    assert points[-1][0] == 4000
    assert points[-1][1] == pytest.approx(solved(free.at(4000.0)).total_return)
