"""Why a customer is in a group rather than in the next best one."""

from __future__ import annotations

import numpy as np
import pytest

from segments.algorithms.contributions import contributions, rival


def test_contributions_add_up_to_the_difference_of_distances():
    point, centres = (
        np.array([1.0, 2.0, -1.0]),
        np.array([[1.0, 1.0, 0.0], [-3.0, 2.0, 0.0], [9.0, 9.0, 9.0]]),
    )
    weights = contributions(point, centres, group=0)
    distances = ((centres - point) ** 2).sum(axis=1)
    assert weights.sum() == pytest.approx(distances[1] - distances[0])
    assert weights.argmax() == 0


def test_the_next_best_group_is_the_nearest_other_one():
    centres = np.array([[0.0, 0.0], [3.0, 0.0], [1.0, 0.0]])
    assert rival(np.array([0.1, 0.0]), centres, group=0) == 2
    assert rival(np.array([0.1, 0.0]), centres, group=2) == 0
