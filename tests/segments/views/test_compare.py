from __future__ import annotations

import pytest

from profiles.actions.counters import count_everybody
from segments.actions.portraits import update_portraits
from segments.actions.rules.saving import save_rule
from segments.models import Segment
from tests.planted import EACH

COMPARE = "/segments/compare/"


def rule(field: str, op: str, value: float) -> dict:
    return {"all": [{"field": field, "op": op, "value": value}]}


@pytest.fixture
def two(planted, mara) -> list[Segment]:
    count_everybody()
    return [
        save_rule(tree=rule("frequency", ">=", 2), name="Again", by=mara),
        save_rule(tree=rule("monetary", ">=", 100), name="Much", by=mara),
    ]


def test_nothing_chosen_offers_the_segments(two, ines, as_user):
    text = as_user(ines).get(COMPARE).text
    assert "Choose two segments" in text
    assert "Again · By rule (80)" in text


def test_the_overlap_is_counted(two, ines, as_user):
    page = as_user(ines).get(COMPARE, {"segment": [one.pk for one in two]})
    counted = page.context["overlap"]
    assert (counted.both, counted.only_first, counted.only_second, counted.either) == (
        EACH,
        EACH,
        0,
        2 * EACH,
    )
    assert "100% of “Much” are in “Again” as well." in page.text


def test_two_of_one_colour_are_told_apart(two, ines, as_user):
    Segment.objects.filter(pk__in=[one.pk for one in two]).update(colour="#0072B2")
    update_portraits()
    page = as_user(ines).get(COMPARE, {"segment": [one.pk for one in two]})
    for chart in ("overlap_chart", "profile_chart", "map_chart"):
        colours = [one["colour"] for one in page.context[chart]["series"]]
        assert len(colours) == len(set(colours)), chart


def test_profiles_stand_side_by_side_once_they_are_drawn(two, ines, as_user):
    update_portraits()
    page = as_user(ines).get(COMPARE, {"segment": [one.pk for one in two]})
    by_key = {row.feature.key: row for row in page.context["rows"]}
    frequency = by_key["frequency"]
    assert (frequency.first, frequency.second, frequency.overall) == ("7", "12", "5")
    assert len(page.context["map_chart"]["series"]) == 3


def test_only_those_who_may_change_segments_are_offered_to_combine(two, ines, mara, as_user):
    asked = {"segment": [one.pk for one in two]}
    assert "how=intersection" not in as_user(ines).get(COMPARE, asked).text
    assert "how=intersection" in as_user(mara).get(COMPARE, asked).text
