from __future__ import annotations

from datetime import timedelta

import pytest

from segments.actions.flows import count_flows
from segments.datasets.flows import customers_of, flows_between, successors
from segments.models import Flow, Membership
from tests.factories import (
    CustomerFactory,
    MembershipFactory,
    SegmentFactory,
    SegmentRunFactory,
    SegmentSnapshotFactory,
)
from tests.planted import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def customers():
    return [CustomerFactory() for _ in range(4)]


@pytest.fixture
def loyal():
    return SegmentFactory()


@pytest.fixture
def lost():
    return SegmentFactory()


def run(day: int, **members):
    """A run that was in force `day` days after TODAY; `members`: a list of (segment, customers)."""
    moment = TODAY + timedelta(days=day)
    made = SegmentRunFactory(created_at=moment, published_at=moment)
    for segment, customers in members["members"]:
        SegmentSnapshotFactory(run=made, segment=segment)
        for customer in customers:
            MembershipFactory(run=made, segment=segment, customer=customer)
    return made


def test_flows_that_are_not_stored_are_counted_and_hold_the_customers(customers, loyal, lost):
    before = run(1, members=[(loyal, customers[:2]), (lost, customers[2:3])])
    after = run(2, members=[(loyal, customers[:1]), (lost, customers[1:2])])
    MembershipFactory(run=after, segment=loyal, customer=customers[3])
    flows = {(flow.origin, flow.destination): flow for flow in flows_between(before, after)}
    assert {pair: flow.customers for pair, flow in flows.items()} == {
        (loyal, loyal): 1,
        (loyal, lost): 1,
        (lost, None): 1,
        (None, loyal): 1,
    }
    assert list(customers_of(flows[loyal, lost])) == [customers[1]]
    assert list(customers_of(flows[lost, None])) == [customers[2]]
    assert list(customers_of(flows[None, loyal])) == [customers[3]]
    assert not Flow.objects.exists(), "reading writes nothing"


def test_stored_flows_outlive_the_members(customers, loyal, lost):
    before = run(1, members=[(loyal, customers[:3])])
    after = run(2, members=[(loyal, customers[:2]), (lost, customers[2:3])])
    counted = [(flow.origin, flow.destination, flow.customers) for flow in flows_between(before, after)]
    count_flows(before, after)
    Membership.objects.all().delete()
    stored = [(flow.origin, flow.destination, flow.customers) for flow in flows_between(before, after)]
    assert stored == counted == [(loyal, loyal, 2), (loyal, lost, 1)]


def test_where_the_customers_of_a_group_that_ended_went(customers, loyal, lost):
    before = run(1, members=[(lost, customers[:3])])
    heir = SegmentFactory()
    after = run(2, members=[(loyal, customers[:2]), (heir, customers[2:3])])
    count_flows(before, after)
    assert [(flow.destination, flow.customers) for flow in successors(lost.pk)] == [(loyal, 2), (heir, 1)]
    assert successors(loyal.pk) == []
