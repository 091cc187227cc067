from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from profiles.actions.counters import count_everybody
from segments.datasets.portraits import (
    choose_members,
    gather_crowd,
    picture_of_members,
    products_of_members,
    profile_of_members,
)
from segments.models import Method
from shop.models import Customer, Product
from tests.factories import RuleMemberFactory, SegmentFactory
from tests.planted import EACH, TODAY, buy


@pytest.fixture
def loyal(planted):
    """A segment of the loyal customers, six of whom bought cake as well."""
    cake = Product.objects.create(sku="CAKE", title="Cake", category="Food", price=10, currency="GBP")
    for pk in planted["loyal"][:6]:
        buy(Customer.objects.get(pk=pk), cake, TODAY - timedelta(days=9), Decimal(12))
    count_everybody(as_of=TODAY)
    segment = SegmentFactory(method=Method.RULE)
    for pk in planted["loyal"]:
        RuleMemberFactory(segment=segment, customer_id=pk)
    return segment


def test_the_profile_is_against_everybody(loyal):
    crowd = gather_crowd(as_of=TODAY)
    assert crowd.people == 3 * EACH
    assert choose_members(loyal) == EACH
    profile = profile_of_members(crowd)
    orders = profile.by_feature()["frequency"]
    assert orders.mean > 12 > orders.overall
    assert orders.difference > 1
    assert {row.category for row in profile.categories} == {"Drinks", "Food"}
    assert sum(row.share for row in profile.categories) == pytest.approx(1)


def test_products_that_members_buy_more_than_others(loyal):
    crowd = gather_crowd(as_of=TODAY)
    (cake,) = products_of_members(crowd, choose_members(loyal)).rows
    assert (cake.buyers, cake.share, cake.overall) == (6, 6 / EACH, 6 / (3 * EACH))
    assert cake.lift == pytest.approx(3)


def test_the_picture_has_everybody_and_the_members(loyal):
    crowd = gather_crowd(as_of=TODAY)
    choose_members(loyal)
    picture = picture_of_members(crowd)
    assert len(picture.everybody.days) == 3 * EACH
    assert len(picture.members.spent) == EACH
    assert max(picture.members.days) < 30


def test_a_segment_without_members(loyal):
    crowd = gather_crowd(as_of=TODAY)
    assert choose_members(SegmentFactory(method=Method.RULE)) == 0
    assert profile_of_members(crowd).features == ()
    assert products_of_members(crowd, 0).rows == ()
    assert picture_of_members(crowd).members.days == ()
