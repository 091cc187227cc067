"""The curves, the bounds and the splits that a plan is compared with."""

from __future__ import annotations

import numpy as np
import pytest

from ads.algorithms.allocation import Problem, allocate, change_band, half_saturation, split


def test_curve_passes_through_today() -> None:
    recent = np.array([80.0, 0.0])
    problem = Problem(
        np.array([2.5, 2.5]),
        np.zeros(2),
        np.full(2, 100.0),
        100.0,
        np.zeros(2),
        half_saturation(recent),
        recent,
    )
    assert problem.effect(np.array([80.0, 0.0])) == pytest.approx([80, 0])
    assert problem.effect(np.array([160.0, 0.0]))[0] == pytest.approx(
        80 * 4 / 3
    )  # twice the money, a third more


def test_band_keeps_changes_small_and_new_placements_smaller() -> None:
    low, high = change_band(np.array([600.0, 400.0, 0.0]), np.zeros(3), np.array([1e4, 450.0, 1e4]), 2000.0)
    assert low == pytest.approx([840, 450, 0])  # the hard maximum wins over the band's minimum of 560
    assert high == pytest.approx([1560, 450, 300])


def test_band_yields_to_the_budget() -> None:
    low, _high = change_band(np.array([600.0, 400.0]), np.array([0.0, 900.0]), np.full(2, 1e4), 1000.0)
    assert low == pytest.approx([100, 900])


def test_split_by_weight_within_bounds() -> None:
    equal = split(np.ones(3), np.array([100.0] * 3), np.array([400.0, 500, 300]), 1000)
    assert equal == pytest.approx([350, 350, 300])
    assert split(np.ones(2), np.zeros(2), np.array([10.0, 20.0]), 100) == pytest.approx([10, 20])


def test_no_placement_bound_may_cross() -> None:
    with pytest.raises(ValueError, match="minimum"):
        allocate(Problem.linear([1], [10], [5], 100))
