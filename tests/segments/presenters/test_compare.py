from __future__ import annotations

import pytest

from profiles.datasets.features import BY_KEY
from segments.models import Method
from segments.presenters.compare import (
    Overlap,
    compared_features,
    differences_chart,
    overlap,
    overlap_chart,
    overlap_finding,
)
from segments.presenters.portraits import ProfileRow
from tests.factories import RuleMemberFactory, SegmentFactory
from tests.segments.presenters.unsaved import segment, summary

CHOSEN = [summary(segment("Champions")), summary(segment("Lost", pk=2, colour="#E69F00"))]


def row(key: str, difference: float) -> ProfileRow:
    return ProfileRow(BY_KEY[key], f"mean of {key}", "overall", difference, "average customer", "words")


def test_features_of_both_the_largest_difference_first():
    first = [row("recency", -1.0), row("frequency", 0.2), row("monetary", 0.5)]
    second = [row("frequency", 0.1), row("recency", 1.0)]
    compared = compared_features(first, second)
    assert [shown.feature.key for shown in compared] == ["recency", "frequency"]
    assert compared[0].differences == (-1.0, 1.0)


def test_only_visible_differences_are_drawn():
    compared = compared_features(
        [row("recency", 0.01), row("monetary", 0.5)], [row("recency", 0.02), row("monetary", 0.5)]
    )
    chart = differences_chart(CHOSEN, compared)
    assert chart["categories"] == [str(BY_KEY["monetary"].title)]
    assert [series["values"] for series in chart["series"]] == [[0.5], [0.5]]


def test_the_parts_of_an_overlap():
    shared = Overlap(first=100, second=40, both=25)
    assert (shared.only_first, shared.only_second, shared.either) == (75, 15, 115)


def test_the_overlap_counts_the_members_of_both(db):
    first, second = (SegmentFactory(method=Method.RULE) for _ in range(2))
    shared = RuleMemberFactory(segment=first).customer
    RuleMemberFactory(segment=second, customer=shared)
    RuleMemberFactory(segment=second)
    assert overlap(first, second) == Overlap(first=1, second=2, both=1)


@pytest.mark.parametrize(
    ("shared", "finding"),
    [
        (Overlap(100, 400, 0), "Nobody is in both “Champions” and “Lost”."),
        (Overlap(100, 400, 25), "25% of “Champions” are in “Lost” as well."),
        (Overlap(400, 100, 25), "25% of “Lost” are in “Champions” as well."),
    ],
)
def test_the_finding_is_about_the_smaller_segment(shared, finding):
    assert overlap_finding(CHOSEN, shared) == finding


def test_the_overlap_is_a_bar_of_three_parts():
    series = overlap_chart(CHOSEN, Overlap(100, 400, 25))["series"]
    assert [part["values"] for part in series] == [[75], [25], [375]]
    assert [series[0]["colour"], series[2]["colour"]] == ["#0072B2", "#E69F00"]
