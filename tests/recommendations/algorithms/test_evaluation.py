from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommendations.algorithms.evaluation import coverage, interval, ranking_metrics


def test_metrics_by_hand():
    items = np.array([[2, 0, 1], [3, -1, -1], [0, 1, 2]])
    relevant = csr_matrix(np.array([[1, 1, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1]]))
    metrics = ranking_metrics(items, relevant)
    assert metrics["found"].tolist() == [2, 1, 0]
    assert metrics["recall"] == pytest.approx([2 / 3, 1, 0])
    gain = 1 / np.log2([2, 3, 4])
    assert metrics["ndcg"] == pytest.approx([(gain[1] + gain[2]) / gain.sum(), 1, 0])
    assert metrics["map"] == pytest.approx([(1 / 2 + 2 / 3) / 3, 1, 0])


def test_coverage():
    assert coverage(np.array([[0, 1], [1, -1]]), 4) == 0.5


def test_the_interval_holds_the_mean_and_shrinks_with_the_sample():
    values = np.random.default_rng(0).normal(5, 2, 4000)
    small, large = interval(values[:40], seed=1), interval(values, seed=1)
    assert large["low"] < large["mean"] < large["high"]
    assert large["high"] - large["low"] == pytest.approx(4 * 2 / np.sqrt(4000), rel=0.15)
    assert small["high"] - small["low"] > 5 * (large["high"] - large["low"])
    assert interval(values, seed=1) == large
