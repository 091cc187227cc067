from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from predictions.algorithms.future_spending import FutureSpending, repeat_orders
from predictions.algorithms.reasons import decode

RANDOM = np.random.default_rng(3)
ORDERS, SILENCE = RANDOM.poisson(4, 600) + 1.0, RANDOM.uniform(0, 200, 600)
VALUES = np.column_stack([ORDERS, SILENCE, np.full(600, np.nan)])
MONEY = np.where(SILENCE < 90, ORDERS * 20, 0) * RANDOM.uniform(0.5, 1.5, 600)


def test_what_is_learned_adds_up_and_ranks():
    fitted = FutureSpending().fit(VALUES, MONEY)
    expected = fitted.predict(VALUES)
    assert expected.sum() == pytest.approx(MONEY.sum(), rel=0.02)
    assert (expected >= 0).all()
    assert spearmanr(expected, MONEY).statistic > 0.8


def test_reasons_add_up_to_the_money():
    fitted = FutureSpending().fit(VALUES, MONEY)
    fitted.level_ = 1.2
    why = decode(fitted.reasons(VALUES[:1], most=3)[0])
    total = why.typical + sum(part.amount for part in why.contributions)
    assert total == pytest.approx(fitted.predict(VALUES[:1])[0])


def test_too_few_and_nobody_are_refused():
    for values, money in ((VALUES[:50], MONEY[:50]), (VALUES, np.zeros(600))):
        with pytest.raises(ValueError, match="Too few"):
            FutureSpending().fit(values, money)


def test_nobody_came_back_yet_is_not_never():
    age = np.array([1.0, 100.0, 1000.0])
    once = repeat_orders(np.zeros(3), np.zeros(3), age, 90)
    assert (np.diff(once) < 0).all(), "the longer silent, the less"
    assert (once > 0).all()
    assert repeat_orders(np.array([3.0]), np.array([90.0]), np.array([100.0]), 90)[0] > 1
    assert np.isfinite(repeat_orders(np.zeros(2), np.zeros(2), np.zeros(2), 90)).all()
