from __future__ import annotations

from segments.actions.rules.order import in_order, with_references
from segments.models import Rule
from tests.factories import RuleFactory


def rule(pk: int, *references: int) -> Rule:
    return Rule(segment_id=pk, references=list(references))


def test_each_rule_comes_after_those_it_refers_to():
    ordered = in_order([rule(1, 3), rule(2), rule(3, 2, 9)])
    assert [placed.segment_id for placed in ordered] == [2, 3, 1]


def test_a_rule_with_all_it_depends_on_and_nothing_else(db):
    bottom = RuleFactory()
    middle = RuleFactory(references=[bottom.segment_id])
    top = RuleFactory(references=[middle.segment_id])
    RuleFactory()
    assert with_references(top) == [bottom, middle, top]
    assert with_references(bottom) == [bottom]
