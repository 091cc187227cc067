from __future__ import annotations

import numpy as np
import pytest

from segments.algorithms.methods.base import by_size, require_different, require_finite


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_and_infinite_values_are_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        require_finite(np.array([[1.0, bad]]))


def test_as_many_different_customers_as_groups_are_needed():
    points = np.array([[1.0], [1.0 + 1e-12], [2.0]])
    assert require_different(points, 2) is points
    with pytest.raises(ValueError, match="Fewer different"):
        require_different(points, 3)


def test_groups_are_numbered_by_size_and_equals_keep_their_order():
    assert by_size(np.array([0, 1, 1, 2, 3, 3]), 5).tolist() == [1, 3, 0, 2, 4]
