"""A linear programme, solved by GLOP (OR-Tools), and the curves of a problem cut into its pieces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ads.algorithms.allocation.problem import Binding, Floats, Problem

PIECES = 64  # linear pieces a curve: the value gap to the smooth curve stays below 1e-5
TOLERANCE = 1e-6  # relative, for the rows that are checked again after each solve


class SolverError(RuntimeError):
    """GLOP gave up or broke a row: a fault of ours or of the solver, never of the input."""


@dataclass(frozen=True)
class Pieces:
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


def cut_into_pieces(problem: Problem) -> Pieces:
    counts = np.where(np.isinf(problem.half_saturation), 1, PIECES)
    counts = np.where(problem.high > problem.low, counts, 0)
    owner = np.repeat(np.arange(counts.size), counts)
    step = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
    start, end = (
        _breakpoint(problem, owner, step / counts[owner]),
        _breakpoint(problem, owner, (step + 1) / counts[owner]),
    )
    of_piece = replace(problem, half_saturation=problem.half_saturation[owner], recent=problem.recent[owner])
    return Pieces(
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
    model: Any = model_builder_helper.ModelBuilderHelper()  # its stub accepts no arrays of NumPy 2
    model.fill_model_from_sparse_data(low, high, objective, free, limits, matrix)
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
