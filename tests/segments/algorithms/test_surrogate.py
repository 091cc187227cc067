"""A small tree that explains a grouping."""

from __future__ import annotations

import numpy as np
import pytest

from segments.algorithms.surrogate import FAITHFUL, Bound, surrogate


def test_rules_are_found_where_there_are_some_and_low_fidelity_admits_that_there_are_none():
    random = np.random.default_rng(0)
    values = random.uniform(0, 100, (2_000, 2))
    by_column = (values[:, 0] > 40).astype(np.int64)
    found = surrogate(values, by_column, 2, 0)
    assert found.fidelity > 0.98
    low, high = found.rules
    assert low is not None
    assert high is not None
    assert low.bounds == [Bound(0, None, pytest.approx(40, abs=1))]
    assert high.bounds == [Bound(0, pytest.approx(40, abs=1), None)]
    assert (high.covers, high.precise) == (pytest.approx(1, abs=0.02), pytest.approx(1, abs=0.02))
    assert surrogate(values, random.integers(0, 2, 2_000), 2, 0).fidelity < FAITHFUL


def test_a_group_without_customers_has_no_rule():
    values = np.arange(40.0)[:, None]
    assert surrogate(values, np.zeros(40, dtype=np.int64), 2, 0).rules[1] is None


def test_rules_name_both_ends_of_a_band():
    values = np.random.default_rng(1).uniform(0, 90, (3_000, 1))
    rules = surrogate(values, ((values[:, 0] > 30) & (values[:, 0] <= 60)).astype(np.int64), 2, 0).rules
    (bound,) = rules[1].bounds
    assert (bound.low, bound.high) == (pytest.approx(30, abs=1), pytest.approx(60, abs=1))


def test_a_tree_is_stored_as_plain_json():
    values = np.arange(400.0)[:, None]
    stored = surrogate(values, (values[:, 0] > 199).astype(np.int64), 3, 0).as_json()
    assert stored["rules"][2] is None
    assert Bound(**stored["rules"][0]["bounds"][0]).column == 0
