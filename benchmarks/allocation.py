"""The linear programme's build and solve against the usual loop through pywraplp, same rows, same solver
(GLOP)."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp
from scipy.sparse import csr_array

from ads.algorithms.allocation import Floats, linear_programme
from benchmarks.pairs import interleaved, row

ROWS = ["allocation"]
PLACEMENTS, PIECES = 200, 100


def run() -> list[dict[str, Any]]:
    objective, high, rows, limits = _programme()
    answers: dict[str, float] = {}

    def ours() -> None:
        solved = linear_programme(objective, high, rows, limits)
        assert solved is not None
        answers["ours"] = float(objective @ solved[0])

    def theirs() -> None:
        answers["theirs"] = _pywraplp(objective, high, rows, limits)

    mine, usual = interleaved(ours, theirs, rounds=3)
    assert abs(answers["ours"] / answers["theirs"] - 1) < 1e-6, "the two disagree"
    return [row("allocation", mine, usual, goal=1.0)]


def _programme() -> tuple[Floats, Floats, csr_array, Floats]:
    """20,000 variables: concave pieces of 200 placements; a budget, 20 platform caps and a goal of
    conversions."""
    rng = np.random.default_rng(7)
    owner = np.repeat(np.arange(PLACEMENTS), PIECES)
    slope = rng.uniform(1, 5, PLACEMENTS)[owner] / (1 + np.tile(np.arange(PIECES), PLACEMENTS) / 20) ** 2
    high = rng.uniform(5, 20, PLACEMENTS)[owner]
    platform = np.eye(20)[owner % 20].T
    rows = csr_array(
        np.vstack([np.ones(owner.size), -slope * rng.uniform(0.01, 0.1, PLACEMENTS)[owner], platform])
    )
    budget = 0.3 * high.sum()
    limits = np.concatenate([[budget, -0.2 * budget * 0.02], np.full(20, budget / 12)])
    return slope, high, rows, limits


def _pywraplp(objective: Floats, high: Floats, rows: csr_array, limits: Floats) -> float:
    solver = pywraplp.Solver.CreateSolver("GLOP")
    variables = [solver.NumVar(0, float(top), "") for top in high]
    for i, limit in enumerate(limits):
        constraint = solver.Constraint(-solver.infinity(), float(limit))
        start, stop = rows.indptr[i : i + 2]
        for j, value in zip(rows.indices[start:stop], rows.data[start:stop], strict=True):
            constraint.SetCoefficient(variables[j], float(value))
    goal = solver.Objective()
    for variable, value in zip(variables, objective, strict=True):
        goal.SetCoefficient(variable, float(value))
    goal.SetMaximization()
    assert solver.Solve() == pywraplp.Solver.OPTIMAL
    return float(goal.Value())
