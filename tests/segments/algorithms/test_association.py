"""Association rules against plain counting."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.algorithms.association import association_rules, followed_by


def arrays(baskets: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = [(number, item) for number, basket in enumerate(baskets) for item in sorted(basket)]
    return np.array([row[0] for row in rows], dtype=np.int64), np.array(
        [row[1] for row in rows], dtype=np.int64
    )


@given(st.lists(st.sets(st.integers(0, 5), min_size=1, max_size=5), min_size=1, max_size=40))
def test_counts_agree_with_plain_counting(baskets):
    rules = association_rules(*arrays(baskets), at_least=2, lift=0.0, most=10_000)
    total = len(baskets)
    for rule in rules:
        both = sum(set(rule.given) | {rule.then} <= basket for basket in baskets)
        with_given = sum(set(rule.given) <= basket for basket in baskets)
        with_then = sum(rule.then in basket for basket in baskets)
        assert rule.count == both >= 2
        assert (rule.support, rule.confidence) == pytest.approx((both / total, both / with_given))
        assert rule.lift == pytest.approx(rule.confidence * total / with_then)
    found = {(rule.given[0], rule.then) for rule in rules if len(rule.given) == 1}
    for a, b in combinations(range(6), 2):
        enough = sum({a, b} <= basket for basket in baskets) >= 2
        assert ((a, b) in found) == ((b, a) in found) == enough


def test_a_third_thing_is_named_only_when_it_says_more():
    baskets = [{0, 1, 2}] * 30 + [{0}] * 30 + [{1}] * 30 + [{2, 3}] * 10 + [{3}] * 50
    rules = association_rules(*arrays(baskets), at_least=5)
    assert any(set(rule.given) == {0, 1} and rule.then == 2 and rule.confidence == 1 for rule in rules)
    alike = [{0, 1, 2}] * 30 + [{3}] * 30
    assert all(len(rule.given) == 1 for rule in association_rules(*arrays(alike), at_least=5))


def test_independent_things_give_no_rules():
    random = np.random.default_rng(3)
    baskets = [{item for item in range(6) if random.random() < 0.4} | {6} for _ in range(3000)]
    assert association_rules(*arrays(baskets), at_least=30, lift=1.2) == []


def test_repeats_count_once_and_nothing_gives_nothing():
    basket, item = arrays([{0, 1}] * 20 + [{2}] * 20)
    twice = association_rules(np.tile(basket, 2), np.tile(item, 2), at_least=5)
    assert twice == association_rules(basket, item, at_least=5)
    assert association_rules(basket[:0], item[:0], at_least=1) == []


def test_what_looking_leads_to():
    people = np.arange(100)
    viewed = np.where(people < 50, 0, 1)
    bought = np.where(people < 40, 1, np.where(people >= 90, 1, -1))
    rules = followed_by(people, viewed, bought, at_least=10)
    (rule,) = rules
    assert (rule.given, rule.then, rule.count, rule.confidence) == ((0,), 1, 40, 0.8)
    assert rule.lift == pytest.approx(1.6)
    assert followed_by(people[:0], viewed[:0], bought[:0], at_least=1) == []
