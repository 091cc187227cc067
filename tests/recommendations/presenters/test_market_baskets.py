from __future__ import annotations

from recommendations.models import AssociationRule
from recommendations.presenters.market_baskets import lift_bars, lift_heat_map, rule_sentence

Kind = AssociationRule.Kind


def rule(antecedents: str, consequent: str, *, lift: float = 2.0, kind: str = Kind.CATEGORIES, rank: int = 1):
    return AssociationRule(
        kind=kind,
        rank=rank,
        antecedents=antecedents.split("+"),
        consequent=consequent,
        count=1200,
        support=0.1,
        confidence=0.34,
        lift=lift,
    )


def test_a_rule_in_a_sentence():
    assert rule_sentence(rule("Shoes+Belts", "Bags", lift=2.12)) == (
        "Of the orders with Shoes + Belts, 34% also have Bags: 2.1 times as often as usual (1,200 orders)."
    )
    assert "customers who viewed Shoes, 34% bought Bags within 30 days" in rule_sentence(
        rule("Shoes", "Bags", kind=Kind.VIEWED)
    )


def test_of_both_directions_the_stronger_has_a_bar():
    rules = [rule("A", "B", rank=1), rule("B", "A", rank=2), rule("A", "C", lift=1.5, rank=3)]
    bars = lift_bars(rules)
    assert bars["categories"] == ["A → B", "A → C"]
    assert bars["series"][0]["values"] == [2.0, 1.5]


def test_the_longest_bar_is_first():
    bars = lift_bars(
        [rule("A", "B", rank=1), rule("C", "D", lift=5.0, rank=2), rule("E", "F", lift=3.0, rank=3)]
    )
    assert bars["series"][0]["values"] == [5.0, 3.0, 2.0]


def test_the_heat_map_has_rules_with_one_antecedent():
    rules = [rule("A", "B", rank=1), rule("B", "A", lift=3.0, rank=2), rule("A+B", "C", rank=3)]
    heat_map = lift_heat_map(rules)
    assert (heat_map["rows"], heat_map["columns"]) == (["A", "B"], ["B", "A"])
    assert heat_map["values"] == [[0, 0, 2.0], [1, 1, 3.0]]
    assert lift_heat_map(rules[:1]) is None
