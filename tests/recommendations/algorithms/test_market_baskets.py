"""Association rules against plain counting."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.algorithms.market_baskets import association_rules, sequence_rules


def arrays(baskets: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = [(number, item) for number, basket in enumerate(baskets) for item in sorted(basket)]
    return np.array([row[0] for row in rows], dtype=np.int64), np.array(
        [row[1] for row in rows], dtype=np.int64
    )


@given(st.lists(st.sets(st.integers(0, 5), min_size=1, max_size=5), min_size=1, max_size=40))
def test_counts_agree_with_plain_counting(baskets):
    rules = association_rules(*arrays(baskets), minimum_count=2, minimum_lift=0.0, limit=10_000)
    total = len(baskets)
    for rule in rules:
        both = sum(set(rule.antecedents) | {rule.consequent} <= basket for basket in baskets)
        with_given = sum(set(rule.antecedents) <= basket for basket in baskets)
        with_then = sum(rule.consequent in basket for basket in baskets)
        assert rule.count == both >= 2
        assert (rule.support, rule.confidence) == pytest.approx((both / total, both / with_given))
        assert rule.lift == pytest.approx(rule.confidence * total / with_then)
    found = {(rule.antecedents[0], rule.consequent) for rule in rules if len(rule.antecedents) == 1}
    for a, b in combinations(range(6), 2):
        enough = sum({a, b} <= basket for basket in baskets) >= 2
        assert ((a, b) in found) == ((b, a) in found) == enough


def test_a_third_thing_is_named_only_when_it_says_more():
    baskets = [{0, 1, 2}] * 30 + [{0}] * 30 + [{1}] * 30 + [{2, 3}] * 10 + [{3}] * 50
    rules = association_rules(*arrays(baskets), minimum_count=5)
    assert any(
        set(rule.antecedents) == {0, 1} and rule.consequent == 2 and rule.confidence == 1 for rule in rules
    )
    alike = [{0, 1, 2}] * 30 + [{3}] * 30
    assert all(len(rule.antecedents) == 1 for rule in association_rules(*arrays(alike), minimum_count=5))


def test_independent_things_give_no_rules():
    random = np.random.default_rng(3)
    baskets = [{item for item in range(6) if random.random() < 0.4} | {6} for _ in range(3000)]
    assert association_rules(*arrays(baskets), minimum_count=30, minimum_lift=1.2) == []


def test_repeats_count_once_and_nothing_gives_nothing():
    basket, item = arrays([{0, 1}] * 20 + [{2}] * 20)
    twice = association_rules(np.tile(basket, 2), np.tile(item, 2), minimum_count=5)
    assert twice == association_rules(basket, item, minimum_count=5)
    assert association_rules(basket[:0], item[:0], minimum_count=1) == []


def test_what_looking_leads_to():
    people = np.arange(100)
    viewed = np.where(people < 50, 0, 1)
    bought = np.where(people < 40, 1, np.where(people >= 90, 1, -1))
    rules = sequence_rules(people, viewed, bought, minimum_count=10)
    (rule,) = rules
    assert (rule.antecedents, rule.consequent, rule.count, rule.confidence) == ((0,), 1, 40, 0.8)
    assert rule.lift == pytest.approx(1.6)
    assert sequence_rules(people[:0], viewed[:0], bought[:0], minimum_count=1) == []
