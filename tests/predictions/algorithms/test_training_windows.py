from __future__ import annotations

import numpy as np

from predictions.algorithms.training_windows import TrainingWindow, joined


def test_infinity_counts_as_unknown_and_windows_join():
    early = TrainingWindow(np.array([[1.0, np.inf], [2.0, -np.inf]]), np.array([0.0, 1.0]))
    late = TrainingWindow(np.array([[3.0, 4.0]]), np.array([1.0]))
    both = joined([early, late])
    assert both.outcome.tolist() == [0, 1, 1]
    assert np.isnan(both.values[:2, 1]).all()
    assert both.values[2].tolist() == [3, 4]
