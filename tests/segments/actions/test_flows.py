from __future__ import annotations

import pytest

from segments.actions.flows import count_flows
from segments.models import Flow
from tests.factories import CustomerFactory, MembershipFactory, SegmentFactory, SegmentRunFactory

pytestmark = pytest.mark.django_db


def test_a_pair_of_runs_is_counted_once():
    before, after = SegmentRunFactory(), SegmentRunFactory()
    loyal, lost = SegmentFactory(), SegmentFactory()
    stays, leaves, joins = (CustomerFactory() for _ in range(3))
    for run, segment, customer in (
        (before, loyal, stays),
        (after, loyal, stays),
        (before, loyal, leaves),
        (after, lost, leaves),
        (after, lost, joins),
    ):
        MembershipFactory(run=run, segment=segment, customer=customer)
    for _again in range(2):
        count_flows(before, after)
        flows = Flow.objects.values_list("origin", "destination", "customers")
        assert set(flows) == {(loyal.pk, loyal.pk, 1), (loyal.pk, lost.pk, 1), (None, lost.pk, 1)}
        assert len(flows) == 3
