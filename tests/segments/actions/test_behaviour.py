"""Behaviour groups are continued from run to run, and found again where there is something to find."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.errors import Refused
from segments.actions.proposals import choose_number_of_groups
from segments.actions.refresh import refresh_segments
from segments.models import Method, Segment, SegmentRun
from shop.models import Customer, Order, OrderLine
from tests.planted import TODAY, buy
from tests.segments.groups import groups


def test_the_next_run_keeps_identities(planted, tea):
    refresh_segments(as_of=TODAY)
    before, identities = groups(), set(Segment.objects.values_list("pk", flat=True))
    for pk in planted["new"][:3]:
        buy(Customer.objects.get(pk=pk), tea, TODAY, Decimal(45))
    run, _rfm = refresh_segments(as_of=TODAY + timedelta(days=1))
    assert run.generation == SegmentRun.objects.filter(method=Method.KMEANS).earliest("pk")
    assert groups() == before
    assert set(Segment.objects.values_list("pk", flat=True)) == identities


def test_same_facts_and_seed_same_result(planted):
    first, _rfm = refresh_segments(as_of=TODAY, seed=5)
    second, _rfm = refresh_segments(as_of=TODAY, seed=5, fresh=True)
    assert first.estimator.behaviour.centres == second.estimator.behaviour.centres
    assert first.number_of_groups == second.number_of_groups


def test_customers_who_are_all_alike_are_refused(tea):
    for i in range(25):
        customer = Customer.objects.create(external_id=f"c{i}", created_at=TODAY - timedelta(days=50))
        buy(customer, tea, TODAY - timedelta(days=9), Decimal(10))
    with pytest.raises(Refused, match="look alike"):
        refresh_segments(as_of=TODAY)
    classes = [members for members in groups(Method.RFM).values() if members]
    assert [len(members) for members in classes] == [25], "by RFM they are one class"


def test_more_groups_than_different_customers_are_refused(tea, planted, mara):
    refresh_segments(as_of=TODAY)
    Customer.objects.exclude(pk__in=planted["new"][:20]).delete()
    Order.objects.update(placed_at=TODAY - timedelta(days=3))
    OrderLine.objects.filter(order__customer__in=planted["new"][:5]).update(unit_price=99)
    OrderLine.objects.filter(order__customer__in=planted["new"][5:20]).update(unit_price=11)
    choose_number_of_groups(k=9, by=mara)
    with pytest.raises(Refused, match="fewer than 9 different customers"):
        refresh_segments(as_of=TODAY, fresh=True)
