from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from segments.datasets.learned import example_ids
from segments.models import LearnedPlan, Method
from tests.factories import CustomerFactory, LearnedPlanFactory, RuleMemberFactory, SegmentFactory
from tests.planted import TODAY, buy

Source = LearnedPlan.Source


@pytest.fixture
def customers(db):
    return [CustomerFactory() for _ in range(4)]


def ids(plan: LearnedPlan) -> list[int]:
    return example_ids(plan, as_of=TODAY).tolist()


def test_the_customers_on_the_list(customers):
    plan = LearnedPlanFactory(source=Source.LIST)
    for customer in reversed(customers[:2]):
        plan.examples.create(customer=customer)
    assert ids(plan) == [customer.pk for customer in customers[:2]]


def test_the_members_of_a_segment(customers):
    segment = SegmentFactory(method=Method.RULE)
    RuleMemberFactory(segment=segment, customer=customers[2])
    assert ids(LearnedPlanFactory(source=Source.SEGMENT, segment=segment)) == [customers[2].pk]


def test_those_to_whom_something_happened_in_the_last_90_days(customers, tea):
    lately, before = TODAY - timedelta(days=10), TODAY - timedelta(days=100)
    returned, couponed, again, once = customers
    buy(returned, tea, lately, Decimal(9), status="cancellation", quantity=-1)
    buy(couponed, tea, lately, Decimal(9), coupon="SPRING")
    for _ in range(2):
        buy(again, tea, lately, Decimal(9))
    buy(once, tea, lately, Decimal(9))
    buy(once, tea, before, Decimal(9), coupon="SPRING")
    buy(again, tea, TODAY, Decimal(9), status="cancellation", quantity=-1)
    assert ids(LearnedPlanFactory(source=Source.RETURNED)) == [returned.pk]
    assert ids(LearnedPlanFactory(source=Source.COUPON)) == [couponed.pk]
    assert ids(LearnedPlanFactory(source=Source.AGAIN)) == [again.pk]
