from __future__ import annotations

import pytest

from profiles.datasets.features import BY_KEY
from segments.models import BuyerSample, Profile, SegmentPortrait
from segments.models.portraits import PortraitMap, ProductLift, ProductLifts
from segments.models.profiles import CategoryShare, FeatureProfile
from segments.presenters.portraits import (
    buyers_chart,
    product_rows,
    profile_chart,
    profile_rows,
    strongest_words,
    taste_chart,
)
from tests.factories import ProductFactory
from tests.segments.presenters.unsaved import AS_OF, segment

PROFILE = Profile(
    features=(
        FeatureProfile("frequency", mean=4.0, overall=4.1, difference=0.01),
        FeatureProfile("monetary", mean=900.0, overall=300.0, difference=1.4),
        FeatureProfile("recency", mean=10.0, overall=80.0, difference=-0.9),
    ),
    categories=(CategoryShare("Tea", share=0.8, overall=0.3),),
)


def test_the_strongest_difference_comes_first_against_the_right_average():
    rows = profile_rows(PROFILE, "GBP")
    assert [row.feature.key for row in rows] == ["monetary", "recency", "frequency"]
    assert (rows[0].mean, rows[0].overall, rows[0].against) == ("£900", "£300", "average customer")
    assert rows[1].against == "average buyer", "days since an order are of those who ordered"
    assert profile_rows(PROFILE, "GBP", buyers=True)[0].against == "average buyer"


def test_what_sets_a_segment_apart_is_worth_naming():
    words = strongest_words(profile_rows(PROFILE, "GBP"))
    assert len(words) == 2
    assert "3.0 times" in words[0]


def test_a_bar_that_nobody_would_see_is_left_out():
    chart = profile_chart(profile_rows(PROFILE, "GBP"), "#0072B2")
    assert chart["values"] == [1.4, -0.9]
    assert chart["categories"][0] == str(BY_KEY["monetary"].title)


def test_the_taste_beside_everybodys():
    everybody, own = taste_chart(PROFILE, segment("Champions"))["series"]
    assert (everybody["values"], own["values"], own["name"]) == ([0.3], [0.8], "Champions")


def portrait(**contents) -> SegmentPortrait:
    return SegmentPortrait(segment=segment("Champions"), as_of=AS_OF, size=2, currency="GBP", **contents)


def test_buyers_are_points_on_everybody_in_grey():
    picture = PortraitMap(
        everybody=BuyerSample(days=(1, 30), spent=(20, 0)), members=BuyerSample(days=(1,), spent=(20,))
    )
    everybody, members = buyers_chart([portrait(picture=picture)])["series"]
    assert everybody["points"] == [[1, 20, "1 day, £20"]], (
        "the axis is logarithmic: who spent nothing has no place"
    )
    assert members["name"] == "Champions"
    assert buyers_chart([]) == {}


@pytest.mark.django_db
def test_products_that_are_gone_are_left_out():
    product = ProductFactory()
    lifts = [
        ProductLift(pk, buyers=9, share=0.5, overall=0.1, lift=5.0) for pk in (product.pk, product.pk + 1)
    ]
    rows = product_rows(portrait(products=ProductLifts(tuple(lifts))))
    assert [(row.product, row.lift.lift) for row in rows] == [(product, 5.0)]
