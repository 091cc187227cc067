from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from segments.actions.refresh import refresh_segments
from segments.models import Method
from segments.presenters.summaries import summaries, summary_of
from tests.factories import RuleFactory, RuleSizeFactory, SegmentFactory
from tests.planted import TODAY
from tests.segments.presenters.unsaved import segment, summary


def test_growth_since_the_run_before():
    assert summary(segment("Champions"), sizes=[80, 100]).change == 0.25
    assert summary(segment("Champions"), sizes=[100]).change is None
    assert summary(segment("Champions"), sizes=[0, 100]).change is None


@pytest.fixture
def by_rule(db):
    rule = RuleFactory(note="Our best")
    for days, size in ((2, 8), (1, 10)):
        RuleSizeFactory(
            segment=rule.segment,
            day=TODAY.date() - timedelta(days=days),
            size=size,
            revenue=Decimal(500),
            currency="GBP",
        )
    return rule


def test_a_segment_by_rule_has_its_latest_size_and_its_rule_in_words(by_rule):
    (found,) = summaries()
    assert (found.size, found.sizes, found.revenue, found.currency) == (10, [8, 10], 500, "GBP")
    assert found.description == "Our best"
    assert "Orders" in found.sentence


def test_rules_come_first_then_the_groups_of_methods_by_revenue(planted, by_rule):
    refresh_segments(as_of=TODAY)
    found = summaries()
    assert found[0].segment == by_rule.segment
    groups = [shown for shown in found if shown.segment.method == Method.KMEANS]
    assert groups
    assert [shown.revenue for shown in groups] == sorted((shown.revenue for shown in groups), reverse=True)
    assert all(shown.sizes[-1] == shown.size for shown in groups)
    only = groups[0].segment
    assert [shown.segment for shown in summaries([only.pk])] == [only]


def test_a_segment_that_is_not_in_force_has_no_summary(db):
    assert summary_of(SegmentFactory()) is None
    rule = RuleFactory(archived_at=TODAY)
    assert summary_of(rule.segment) is None
