from __future__ import annotations

import numpy as np
import pytest

from profiles.algorithms.separation import group_means


def test_means_and_eta_squared_by_hand():
    points = np.array([[0.0, 1, 5], [0, 2, 5], [4, 1, 5], [4, 2, 5]])
    means, between = group_means(points, np.array([0, 0, 1, 1]), 3)
    assert means[:2].tolist() == [[0, 1.5, 5], [4, 1.5, 5]]
    assert means[2].tolist() == [0, 0, 0], "a group without customers"
    assert between == pytest.approx([1, 0, 0])
