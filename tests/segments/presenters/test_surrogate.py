from __future__ import annotations

from dataclasses import replace

from segments.models import FeatureBound, StoredEstimator
from segments.models.run_contents import GroupRule, SurrogateRules
from segments.presenters.surrogate import rule_in_words
from tests.segments.presenters.unsaved import run

RULE = GroupRule(
    bounds=(FeatureBound(0, high=30.0), FeatureBound(1, low=2.0, high=9.0), FeatureBound(2, low=100.0)),
    covers=0.9,
    precise=0.8,
)
TREE = SurrogateRules(fidelity=0.95, rules=(RULE, None, GroupRule((), 1.0, 1.0)))


def explained(tree: SurrogateRules | None):
    return run(estimator=StoredEstimator(keys=("recency", "frequency", "monetary"), surrogate=tree))


def test_each_bound_is_a_condition():
    found = rule_in_words(explained(TREE), 0)
    assert (found.covers, found.precise, found.fidelity) == (0.9, 0.8, 0.95)
    assert [words.split(": ")[1] for words in found.conditions] == [
        "at most 30 days",
        "more than 2, at most 9",
        "more than £100",
    ]


def test_a_tree_that_explains_something_else_stays_silent():
    assert rule_in_words(explained(replace(TREE, fidelity=0.5)), 0) is None
    assert rule_in_words(explained(None), 0) is None


def test_a_group_without_a_rule_has_no_words():
    assert [rule_in_words(explained(TREE), position) for position in (1, 2, 3)] == [None, None, None]
