from __future__ import annotations

import pytest
from django.utils import translation

from segments.rules.tree import parse_stored
from segments.rules.wording import RuleWording


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"op": ">=", "value": 3, "days": 14, "where": {"category": ["Shoes"]}},
            "viewed (category Shoes) at least 3 times in the last 14 days",
        ),
        ({"op": ">=", "value": 1}, "viewed at least once"),
        ({"op": "=", "value": 0, "days": 1}, "never viewed in the last 1 day"),
        ({"op": "between", "value": [2, 5]}, "viewed between 2 and 5 times"),
    ],
)
def test_what_somebody_did_is_said_as_a_person_would(db, asked, said):
    tree = parse_stored({"field": "event.view"} | asked)
    with translation.override("en"):
        assert RuleWording([tree]).sentence(tree) == said


def test_what_is_not_an_event_is_compared(db):
    tree = parse_stored({"field": "order.count", "op": ">=", "value": 2, "days": 30})
    with translation.override("en"):
        assert RuleWording([tree]).sentence(tree) == "Orders placed in the last 30 days is at least 2"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"field": "event.view", "op": ">=", "value": 1, "days": 7}, "never viewed in the last 7 days"),
        ({"field": "segment", "op": "in", "value": [9]}, "Segment is none of a segment that is gone"),
        ({"field": "person.country", "op": "=", "value": "Malta"}, "Country is not Malta"),
        (
            {"field": "frequency", "op": ">=", "value": 3},
            "not (Orders is at least 3)",
        ),  # it could be unknown elsewhere
    ],
)
def test_none_of_one_is_said_without_a_not_where_words_allow(db, asked, said):
    tree = parse_stored({"not": [asked]})
    with translation.override("en"):
        assert RuleWording([tree]).sentence(tree) == said
