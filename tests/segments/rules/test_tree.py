"""What a rule may look like, and the sentence for everything else."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from backoffice.errors import Refused
from segments.rules.attributes import catalogue
from segments.rules.fields import operators_of
from segments.rules.tree import changes_by_itself, conditions, parse_stored, parse_submitted, segments_of
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
ORDERS = {"field": "frequency", "op": ">=", "value": 3}


def refusal(data):
    with pytest.raises(Refused) as caught:
        parse_submitted(data)
    return caught.value


def deep(levels):
    tree = ORDERS
    for _level in range(levels):
        tree = {"all": [tree]}
    return tree


GOOD = [
    ORDERS,
    {"any": [ORDERS, {"not": [{"field": "recency", "op": "between", "value": [30, 90]}]}]},
    {
        "field": "event.view",
        "op": ">=",
        "value": 3,
        "days": 14,
        "where": {"category": ["Shoes"], "brand": ["Acme", "Best"]},
    },
    {"field": "order.count", "op": "=", "value": 0},
    {"field": "person.country", "op": "in", "value": ["France"]},
    {"field": "person.since", "op": "last", "value": 14},
    {"field": "person.since", "op": "between", "value": ["2026-01-01", "2026-01-31"]},
    {"field": "person.email", "op": "known"},
    {"field": "consent.sms", "op": "=", "value": False},
    {"field": "prediction.churn", "op": ">", "value": 0.5},
    {"field": "segment", "op": "not in", "value": [1, 2]},
    deep(6),
]


@pytest.mark.parametrize("data", GOOD)
def test_a_sound_rule_is_the_same_after_a_round_trip(data):
    tree = parse_submitted(data)
    again = parse_stored(json.loads(json.dumps(tree.as_json())))
    assert again.as_json() == tree.as_json()


BAD = {
    "no field": ({"field": "frequncy", "op": "=", "value": 1}, "rule.0", "frequency"),
    "nothing like a field": ({"field": "§§§", "op": "=", "value": 1}, "rule.0", "choose one from the list"),
    "a field that is no text": (
        {"field": ["frequency"], "op": "=", "value": 1},
        "rule.0",
        "There is no field",
    ),
    "wrong operator": ({"field": "frequency", "op": "contains", "value": "x"}, "rule.0", "is at least"),
    "operator of no kind": ({"field": "frequency", "op": {"a": 1}, "value": 1}, "rule.0", "does not fit"),
    "text for a number": ({"field": "frequency", "op": "=", "value": "3"}, "rule.0", "a number"),
    "yes for a number": ({"field": "frequency", "op": "=", "value": True}, "rule.0", "a number"),
    "not a number": ({"field": "frequency", "op": "=", "value": float("nan")}, "rule.0", "a number"),
    "infinity": ({"field": "frequency", "op": "<", "value": float("inf")}, "rule.0", "a number"),
    "a giant": ({"field": "frequency", "op": "<", "value": 10**400}, "rule.0", "too large"),
    "no value": ({"field": "frequency", "op": "="}, "rule.0", "a number"),
    "a value too many": ({"field": "person.email", "op": "known", "value": 1}, "rule.0", "takes no value"),
    "the wrong way round": (
        {"field": "frequency", "op": "between", "value": [5, 1]},
        "rule.0",
        "smaller one first",
    ),
    "half a range": ({"field": "frequency", "op": "between", "value": [5]}, "rule.0", "two values"),
    "no such day": ({"field": "person.since", "op": "<", "value": "2026-02-30"}, "rule.0", "2026-01-31"),
    "no day at all": ({"field": "person.since", "op": "<", "value": "٢٠٢٦-٠١-٠١"}, "rule.0", "2026-01-31"),
    "days without end": ({"field": "person.since", "op": "last", "value": 10**9}, "rule.0", "from 1 to"),
    "half a day": ({"field": "event.view", "op": "=", "value": 1, "days": 0.5}, "rule.0", "whole number"),
    "more than everything": ({"field": "prediction.churn", "op": ">", "value": 50}, "rule.0", "0 to 100 %"),
    "less than nothing": (
        {"field": "order.share", "op": "between", "value": [0, 1.5]},
        "rule.0",
        "0 to 100 %",
    ),
    "days of something timeless": (
        {"field": "frequency", "op": "=", "value": 1, "days": 3},
        "rule.0",
        "takes no number of days",
    ),
    "products of a person": ({**ORDERS, "where": {"brand": ["x"]}}, "rule.0", "not about products"),
    "products by colour": (
        {"field": "event.view", "op": "=", "value": 1, "where": {"colour": ["x"]}},
        "rule.0",
        "a brand",
    ),
    "an empty list": ({"field": "person.country", "op": "in", "value": []}, "rule.0", "at least one"),
    "a huge list": ({"field": "person.country", "op": "in", "value": ["x"] * 1001}, "rule.0", "at most 1000"),
    "an empty text": ({"field": "person.country", "op": "=", "value": " "}, "rule.0", "Enter a text"),
    "a text no database takes": (
        {"field": "person.country", "op": "=", "value": "\x00"},
        "rule.0",
        "Enter a text",
    ),
    "half a character": ({"field": "person.country", "op": "=", "value": "\ud83d"}, "rule.0", "Enter a text"),
    "maybe": ({"field": "consent.email", "op": "=", "value": "maybe"}, "rule.0", "yes or no"),
    "a segment by name": ({"field": "segment", "op": "in", "value": ["Loyal"]}, "rule.0", "from the list"),
    "an unknown part": ({**ORDERS, "sql": "1=1"}, "rule.0", "sql"),
    "an unknown group": ({"some": [ORDERS]}, "rule", "“all”"),
    "two groups in one": ({"all": [ORDERS], "any": [ORDERS]}, "rule", "choose one"),
    "an empty group": ({"all": []}, "rule", "empty"),
    "a group that is no list": ({"all": {"0": ORDERS}}, "rule", "empty"),
    "no rule": (None, "rule", "neither"),
    "a list": ([ORDERS], "rule", "neither"),
    "a member that is nothing": ({"any": [ORDERS, {"all": [ORDERS, 7]}]}, "rule.1.1", "neither"),
    "too deep": (deep(7), "rule.0.0.0.0.0.0", "6 deep"),
    "a bottomless pit": (deep(500), "rule.0.0.0.0.0.0", "6 deep"),
    "too many": ({"all": [{"any": [ORDERS] * 26}] * 2}, "rule", "52 conditions"),
    "far too many": ({"all": [ORDERS] * 51}, "rule", "at most 50"),
    "an attribute nobody has": (
        {"field": "attribute.age", "op": "=", "value": 3},
        "rule.0",
        "There is no field",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_refusal_names_the_place_and_the_remedy(name):
    data, place, words = BAD[name]
    refused = refusal(data)
    assert refused.field == place
    assert words in refused.message


def test_an_attribute_takes_its_kind_from_the_data():
    CustomerFactory(
        attributes={"age": 41, "city": "Leeds", "vip": True, "born": "1985-03-02", "size": "42", "odd": "x"}
    )
    CustomerFactory(attributes={"age": "17", "odd": 3})
    kinds = {field.key: field.kind.value for field in catalogue().values() if field.group == "attributes"}
    assert kinds == {
        "attribute.age": "number",
        "attribute.city": "text",
        "attribute.vip": "bool",
        "attribute.born": "date",
        "attribute.size": "number",
        "attribute.odd": "text",
    }
    said = parse_submitted({"field": "attribute.age", "op": ">=", "value": 18}).as_json()
    assert said["all"][0]["kind"] == "number"


def test_a_stored_rule_outlives_the_data_it_was_made_for():
    stored = {"all": [{"field": "attribute.gone", "op": "=", "value": 3, "kind": "number"}]}
    assert parse_stored(stored).as_json() == stored


def test_fields_speak_the_readers_language():
    english = {key: str(field.title) for key, field in catalogue().items()}
    with translation.override("zh-hans"):
        chinese = {key: str(field.title) for key, field in catalogue().items()}
    assert not {key for key in english if english[key] == chinese[key]}


def test_every_field_says_what_it_is():
    fields = catalogue()
    assert len(fields) > 30
    for key, field in fields.items():
        assert field.key == key
        assert str(field.title)
        assert operators_of(field)


def test_nothing_happens_fewer_than_no_times():
    with pytest.raises(Refused, match="0 or more"):
        parse_submitted({"field": "event.view", "op": ">=", "value": -3})


def test_what_a_rule_asks_about():
    tree = parse_submitted(
        {
            "any": [
                {"field": "segment", "op": "in", "value": [7, 8]},
                {"not": [{"field": "segment", "op": "not in", "value": [9]}, ORDERS]},
            ]
        }
    )
    assert segments_of(tree) == {7, 8, 9}
    assert len(list(conditions(tree))) == 3


@pytest.mark.parametrize(
    ("data", "itself"),
    [
        (ORDERS, False),
        ({"field": "recency", "op": ">", "value": 9}, True),
        ({"field": "event.view", "op": "=", "value": 9}, False),
        ({"field": "event.view", "op": "=", "value": 9, "days": 2}, True),
        ({"field": "segment", "op": "in", "value": [9]}, True),
        ({"field": "prediction.churn", "op": ">", "value": 0.5}, True),
        ({"field": "person.since", "op": "ago", "value": 2}, True),
    ],
)
def test_which_rules_change_by_themselves(data, itself):
    assert changes_by_itself(parse_submitted(data)) is itself


def test_one_value_that_does_not_fit_makes_no_text_of_an_attribute():
    for age in [*range(20, 60), "NaN"]:
        CustomerFactory(attributes={"age": age})
    assert catalogue()["attribute.age"].kind == "number"
    for _one in range(10):
        CustomerFactory(attributes={"age": "unknown"})
    assert catalogue()["attribute.age"].kind == "text"
