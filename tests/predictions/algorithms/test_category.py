from __future__ import annotations

import numpy as np
import pytest

from predictions.algorithms.category import ESTIMATORS, CategoryWindow, Favourite, Popular, train


def window(seed: int, n: int = 400) -> CategoryWindow:
    """Customers who buy three times in four what they bought most until then."""
    random = np.random.default_rng(seed)
    shares = random.dirichlet([0.3, 0.3, 0.3], n)
    loyal = random.random(n) < 0.75
    return CategoryWindow(shares, np.where(loyal, shares.argmax(axis=1), random.integers(0, 3, n)))


def test_the_favourite_is_better_than_what_all_buy():
    trained = train([window(seed) for seed in range(4)], 0)
    rows = {row.name: row for row in trained.candidates}
    assert set(rows) == set(ESTIMATORS)
    assert rows["favourite"].accuracy > rows["most_popular"].accuracy + 0.2
    assert rows["favourite"].lead is None
    assert rows["most_popular"].lead[1] < 0
    assert trained.tested.sum(axis=1) == pytest.approx(np.ones(400))
    assert sum(trained.curves.size) == 400


def test_baselines_by_hand():
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.0, 0.0]])
    outcome = np.array([0, 1, 1, 0])
    assert Popular().fit(shares, outcome).rates_.tolist() == [0.5, 0.5]
    favourite = Favourite().fit(shares, outcome)
    assert favourite.loyalty_ == pytest.approx(2 / 3)
    assert favourite.probabilities(shares)[3] == pytest.approx([0.5, 0.5])
