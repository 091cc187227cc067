from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.errors import Refused
from segments.actions.refresh import refresh_segments
from segments.models import FeatureSnapshot, Membership, Method
from shop.models import Customer, Order
from tests.planted import EACH, TODAY, buy
from tests.segments.groups import groups


def test_planted_groups_are_found_and_named(planted):
    refresh_segments(as_of=TODAY)
    found = groups()
    assert found["champions"] == set(planted["loyal"])
    assert found["lost"] == set(planted["lost"])
    assert found["new"] == set(planted["new"])


def test_everybody_is_in_exactly_one_group_of_each_method(planted):
    Customer.objects.create(external_id="looker", created_at=TODAY - timedelta(days=3))
    refresh_segments(as_of=TODAY)
    everyone = groups()
    assert everyone["no-purchase"] == {Customer.objects.get(external_id="looker").pk}
    assert sum(map(len, everyone.values())) == len(set.union(*everyone.values())) == 3 * EACH + 1
    assert set.union(*groups(Method.RFM).values()) == {pk for kind in planted.values() for pk in kind}


def test_too_few_customers_are_refused_with_the_remedy(db):
    with pytest.raises(Refused, match="at least 20 customers with an order; there are 0"):
        refresh_segments()


def test_a_giant_customer_and_orders_of_the_future_move_nobody(planted, tea):
    buy(Customer.objects.get(pk=planted["loyal"][0]), tea, TODAY - timedelta(days=2), Decimal(10**8))
    for pk in planted["lost"]:
        buy(Customer.objects.get(pk=pk), tea, TODAY + timedelta(days=300), Decimal(50))
    refresh_segments(as_of=TODAY)
    assert {frozenset(ids) for ids in groups().values()} == {frozenset(ids) for ids in planted.values()}


def test_erasing_a_customer_erases_what_was_derived(planted):
    refresh_segments(as_of=TODAY)
    Customer.objects.filter(pk=planted["new"][0]).delete()
    assert not Membership.objects.filter(customer_id=planted["new"][0]).exists()
    assert not FeatureSnapshot.objects.filter(customer_id=planted["new"][0]).exists()


def test_twins_are_one_class_and_no_groups_in_words(tea):
    for n in range(30):
        twin = Customer.objects.create(external_id=f"twin{n}")
        for days in (200, 110):
            buy(twin, tea, TODAY - timedelta(days=days), Decimal(10))
    with pytest.raises(Refused, match="look alike"):
        refresh_segments(as_of=TODAY)
    assert [len(members) for members in groups(Method.RFM).values()] == [30]


def test_who_gave_back_as_much_as_they_bought_is_nobody_of_value(planted, tea):
    returners = {n: Customer.objects.create(external_id=f"back{n}").pk for n in (0, 30)}
    for more, pk in returners.items():
        customer = Customer.objects.get(pk=pk)
        buy(customer, tea, TODAY - timedelta(days=9), Decimal(50))
        back = TODAY - timedelta(days=8)
        buy(customer, tea, back, Decimal(50 + more), quantity=-1, status=Order.Status.CANCELLATION)
    refresh_segments(as_of=TODAY)
    found = groups(Method.RFM)
    assert set(returners.values()) <= set.union(*found.values())
    assert not set(returners.values()) & set.union(
        *(found.get(name, set()) for name in ("champions", "loyal", "cant-lose"))
    )
