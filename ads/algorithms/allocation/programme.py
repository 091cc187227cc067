"""A linear programme, solved by GLOP (OR-Tools), and the curves of a problem cut into its pieces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ads.algorithms.allocation.problem import Floats, Problem

PIECES = 64  # linear pieces a curve, before they are cut finer around the best split
WINDOW = 32  # further pieces a round, around the split found
TOLERANCE = 1e-6  # relative, for the rows that are checked again after each solve


class SolverError(RuntimeError):
    """GLOP gave up or broke a row: a fault of ours or of the solver, never of the input."""


@dataclass(frozen=True)
class Pieces:
    """Linear pieces of the curves, shape (pieces,): whose, how wide, and the mean slope of g on each. edges:
    of each placement, where its pieces begin and end. window: how far around a split the next cut is finer,
    shape (placements,)."""

    owner: npt.NDArray[np.int64]
    width: Floats
    slope: Floats
    low: Floats
    edges: list[Floats]
    window: Floats

    def total(self, amounts: Floats) -> Floats:
        return self.low + np.bincount(self.owner, amounts, self.low.size)


def reach(problem: Problem) -> Floats:
    """The most that each placement can get: its maximum, or a little more than all money that is free, so
    that it is the budget that stops it."""
    room = max(0.0, problem.budget - float(problem.low.sum()))
    return np.minimum(problem.high, problem.low + 1.01 * room + problem.unit)


def cut_into_pieces(problem: Problem) -> Pieces:
    top = reach(problem)
    edges = [_edges(*bounds) for bounds in zip(problem.low, top, problem.half_saturation, strict=True)]
    window = np.array([2 * np.diff(own).max() if own.size > 2 else 0.0 for own in edges])
    return _pieces(problem, edges, window)


def cut_finer(pieces: Pieces, problem: Problem, spend: Floats) -> Pieces:
    """The same pieces with WINDOW more around a split, and the split itself an edge."""
    edges = []
    for own, amount, window in zip(pieces.edges, spend, pieces.window, strict=True):
        if window:
            near = np.linspace(amount - window, amount + window, WINDOW + 1)
            all_edges = np.unique(np.clip(np.concatenate([own, near, [amount]]), own[0], own[-1]))
            edges.append(all_edges[np.diff(all_edges, prepend=-1.0) > 1e-9 * max(1.0, own[-1])])
        else:
            edges.append(own)
    return _pieces(problem, edges, pieces.window * 4 / WINDOW)


def _pieces(problem: Problem, edges: list[Floats], window: Floats) -> Pieces:
    owner = np.repeat(np.arange(len(edges)), [max(own.size - 1, 0) for own in edges])
    start = np.concatenate([own[:-1] for own in edges]) if edges else np.zeros(0)
    end = np.concatenate([own[1:] for own in edges]) if edges else np.zeros(0)
    of_piece = replace(problem, half_saturation=problem.half_saturation[owner], recent=problem.recent[owner])
    slope = (of_piece.effect(end) - of_piece.effect(start)) / (end - start)
    return Pieces(owner, end - start, slope, problem.low, edges, window)


def _edges(low: float, top: float, h: float) -> Floats:
    """Where the pieces of a curve begin and end. Equal steps of (x + h)^(-1/2) make the gap to the curve the
    same on each piece, because the second derivative of g falls with (x + h)^(-3)."""
    if top <= low:
        return np.array([low])
    if np.isinf(h):
        return np.array([low, top])
    inner = np.linspace((low + h) ** -0.5, (top + h) ** -0.5, PIECES + 1)[1:-1] ** -2.0 - h
    return np.unique(np.concatenate([[low], np.clip(inner, low, top), [top]]))


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
