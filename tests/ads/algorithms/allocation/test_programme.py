"""GLOP's answers, and curves cut into linear pieces."""

from __future__ import annotations

import numpy as np
import pytest

from ads.algorithms.allocation import Problem, linear_programme
from ads.algorithms.allocation.programme import PIECES, cut_finer, cut_into_pieces


def test_duals_price_each_row() -> None:
    """Strong duality on a programme with several rows: the objective is priced exactly by rows and bounds."""
    rng = np.random.default_rng(3)
    objective, high, rows = rng.random(40), rng.random(40), rng.random((5, 40))
    limit = rows.sum(axis=1) / 6
    answer = linear_programme(objective, high, rows, limit)
    assert answer is not None
    x, duals, reduced = answer
    assert objective @ x == pytest.approx(duals @ limit + np.maximum(reduced, 0) @ high)


def test_rows_that_exclude_each_other_have_no_answer() -> None:
    one = np.ones(1)
    assert linear_programme(one, one, np.array([[-1.0]]), np.array([-2.0])) is None
    nothing = np.zeros(0)
    assert linear_programme(nothing, nothing, np.zeros((1, 0)), np.array([-1.0])) is None


def test_pieces_add_up_to_the_curve_and_get_flatter() -> None:
    recent = np.array([100.0, 100.0])
    half = np.array([100.0, np.inf])  # a curve and a straight line
    problem = Problem(np.ones(2), np.zeros(2), np.full(2, 300.0), 400.0, np.zeros(2), half, recent)
    pieces = cut_into_pieces(problem)
    assert np.bincount(pieces.owner).tolist() == [PIECES, 1]
    finer = cut_finer(pieces, problem, np.array([120.0, 280.0]))
    assert 120.0 in finer.edges[0]
    assert np.bincount(finer.owner, finer.width) == pytest.approx([300, 300])
    assert np.bincount(pieces.owner, pieces.width) == pytest.approx([300, 300])
    assert np.bincount(pieces.owner, pieces.width * pieces.slope) == pytest.approx(
        problem.effect(problem.high)
    )
    assert np.all(np.diff(pieces.slope[pieces.owner == 0]) < 0)
