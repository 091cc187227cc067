from __future__ import annotations

from profiles.actions.counters import count_everybody
from segments.actions.refresh import refresh_segments
from segments.models import Method
from segments.presenters.memberships import memberships_by_method, memberships_by_rule
from tests.factories import CustomerFactory, RuleFactory, RuleMemberFactory
from tests.planted import TODAY


def test_a_segment_by_rule_gives_the_conditions_in_the_customers_own_figures(planted):
    count_everybody(as_of=TODAY)
    rule = RuleFactory()
    member = RuleMemberFactory(segment=rule.segment, customer_id=planted["loyal"][0])
    (found,) = memberships_by_rule(member.customer_id)
    assert (found.segment, found.since) == (rule.segment, member.since)
    assert "12" in " ".join(found.reasons)


def test_groups_of_methods_give_what_decided_the_nightly_ones_first(planted):
    refresh_segments(as_of=TODAY)
    found = memberships_by_method(planted["loyal"][0])
    assert [shown.segment.method for shown in found] == [Method.KMEANS, Method.RFM]
    assert all(shown.reasons for shown in found)
    assert "Rather than in" in found[0].reasons[-1]
    assert "score" in found[1].reasons[0]


def test_a_customer_who_came_after_the_run_is_in_no_group(planted):
    refresh_segments(as_of=TODAY)
    newcomer = CustomerFactory()
    assert memberships_by_method(newcomer.pk) == memberships_by_rule(newcomer.pk) == []
