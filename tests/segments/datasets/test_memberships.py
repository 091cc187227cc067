from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from segments.datasets.memberships import NOBODY, groups_of, member_ids, runs_with_members
from segments.models import Method
from tests.factories import (
    CustomerFactory,
    MembershipFactory,
    RuleMemberFactory,
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


def test_members_by_rule(customers, loyal):
    by_rule = SegmentFactory(method=Method.RULE)
    RuleMemberFactory(segment=by_rule, customer=customers[1])
    assert list(member_ids(by_rule).values_list("customer", flat=True)) == [customers[1].pk]
    assert not member_ids(loyal).exists(), "nobody is in a group of a run that is not in force"


def test_the_group_of_each_customer(customers, loyal, lost):
    made = run(1, members=[(loyal, customers[:1]), (lost, customers[1:2])])
    ids = np.array([customer.pk for customer in customers])
    assert groups_of(made, ids).tolist() == [loyal.pk, lost.pk, NOBODY, NOBODY]
    assert groups_of(made, ids[:0]).tolist() == []


def test_runs_that_still_know_their_members(customers, loyal):
    kept = [run(day, members=[(loyal, customers[:1])]) for day in (1, 2)]
    run(3, members=[])
    SegmentRunFactory()
    assert runs_with_members(Method.KMEANS) == kept[::-1]
    assert runs_with_members(Method.RFM) == []
