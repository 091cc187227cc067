"""A rule as a tree: JSON in, checked, frozen dataclasses out.

A group is one of (its members are groups or conditions, at least one):

    {"all": [...]}    every member holds
    {"any": [...]}    at least one member holds
    {"not": [...]}    none of the members holds

A condition names a field of the catalogue (`fields.catalogue()`), an operator that fits its kind, and a
value:

    {"field": "frequency", "op": ">=", "value": 3}
    {"field": "recency", "op": "between", "value": [30, 90]}                       both ends count
    {"field": "person.country", "op": "in", "value": ["France", "Spain"]}
    {"field": "person.since", "op": "last", "value": 14}                           last 14 days ("ago")
    {"field": "person.since", "op": "<", "value": "2026-01-31"}                    before that day of the shop
    {"field": "consent.email", "op": "=", "value": true}
    {"field": "attribute.age", "op": ">=", "value": 40, "kind": "number"}          from the data: `kind`
    {"field": "event.view", "op": ">=", "value": 3, "days": 14, "where": {"category": ["Shoes"]}}
    {"field": "order.count", "op": "=", "value": 0, "where": {"brand": ["Acme"]}}  never bought
    {"field": "segment", "op": "in", "value": [12, 14]}                            in any of these segments
    {"field": "order.share", "op": ">=", "value": 0.5, "where": {"category": ["Shoes"]}}
    {"field": "prediction.churn", "op": ">", "value": 0.5}
    {"field": "prediction.category", "op": "in", "value": ["Shoes"]}               expected next
    {"field": "email", "op": "known"}                                              no value

Where something is not known of a customer, a comparison does not hold, and "!=", "not in" and "lacks" do.

Every refusal carries the place as its `field`: "rule", then the position in each group, for example
"rule.1.0".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import Refused
from segments.rules.attributes import (
    PREFIX,
    attribute_field,
    attribute_fields,
    attribute_kind,
    attribute_name,
)
from segments.rules.fields import ARITY, Field, Kind, known_fields, label_of, nearest, operators_of
from segments.rules.values import Value, expect_sense, value_of, where_of, window_of

DEEPEST = 6
MOST_CONDITIONS = 50
GROUPS = ("all", "any", "not")
PARTS = {"field", "op", "value", "days", "where", "kind"}


@dataclass(frozen=True)
class Condition:
    """One question. `days` and `where` belong to fields that count events or orders; `kind` to attributes."""

    field: Field
    op: str
    value: Value = None
    days: int | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def as_json(self) -> dict[str, Any]:
        stored: dict[str, Any] = {"field": self.field.key, "op": self.op}
        if ARITY[self.op]:
            stored["value"] = list(self.value) if isinstance(self.value, tuple) else self.value
        if self.days is not None:
            stored["days"] = self.days
        if self.where:
            stored["where"] = {name: list(values) for name, values in self.where}
        if attribute_name(self.field.key) is not None:
            stored["kind"] = self.field.kind.value
        return stored


@dataclass(frozen=True)
class ConditionGroup:
    """`how` is one of GROUPS."""

    how: str
    members: tuple[ConditionGroup | Condition, ...]

    def as_json(self) -> dict[str, Any]:
        return {self.how: [member.as_json() for member in self.members]}


def conditions(tree: ConditionGroup) -> Iterator[Condition]:
    """All conditions, from left to right."""
    for member in tree.members:
        if isinstance(member, ConditionGroup):
            yield from conditions(member)
        else:
            yield member


def segments_of(tree: ConditionGroup) -> set[int]:
    """The ids of the segments that the rule refers to."""
    references: set[int] = set()
    for condition in conditions(tree):
        if condition.field.kind is Kind.SEGMENT and isinstance(condition.value, tuple):
            references.update(int(pk) for pk in condition.value)
    return references


def changes_by_itself(tree: ConditionGroup) -> bool:
    """Whether membership changes although nothing arrived about the customer, because time passes, another
    segment or prediction is published, or a product moves to another category: the rule has to be evaluated
    again now and then."""
    return any(
        condition.days is not None
        or condition.where
        or condition.op in {"last", "ago"}
        or condition.field.kind in {Kind.DAYS, Kind.SEGMENT}
        or condition.field.group == "predictions"
        for condition in conditions(tree)
    )


@dataclass(frozen=True)
class Fields:
    """What a tree is checked against. `attributes` None: those of a stored rule are taken as they are,
    whatever the data hold now."""

    known: Mapping[str, Field]
    attributes: Mapping[str, Field] | None = None


def parse_stored(data: Any) -> ConditionGroup:
    """A tree that was checked when it was saved."""
    return parse(data, Fields(known_fields()))


def parse_submitted(data: Any) -> ConditionGroup:
    """A tree that a person or a partner's tool sent: its attributes must be found in the data."""
    found = attribute_fields() if _mentions_attributes(data) else {}
    return parse(data, Fields(known_fields(), found))


def _mentions_attributes(data: Any) -> bool:
    """Only then the data are looked at. Deeper than a rule may go nothing matters."""
    level = [data]
    for _depth in range(2 * DEEPEST + 2):
        if any(isinstance(part, dict) and str(part.get("field")).startswith(PREFIX) for part in level):
            return True
        level = [inner for part in level for inner in _inner(part)][: 10 * MOST_CONDITIONS]
    return False


def _inner(data: Any) -> list[Any]:
    return list(data.values()) if isinstance(data, dict) else data if isinstance(data, list) else []


def parse(data: Any, fields: Fields) -> ConditionGroup:
    """The checked rule. A single condition becomes a group of one. Raises Refused with the place and the
    remedy."""
    if isinstance(data, dict) and "field" in data:
        data = {"all": [data]}
    tree = _group(data, "rule", 1, fields)
    count = len(list(conditions(tree)))
    if count > MOST_CONDITIONS:
        raise Refused(
            _(
                "The rule has %(found)d conditions: at most %(most)d. Save a part as a segment of its own "
                "and use that segment."
            )
            % {"found": count, "most": MOST_CONDITIONS},
            field="rule",
        )
    return tree


def _node(data: Any, place: str, depth: int, fields: Fields) -> ConditionGroup | Condition:
    if isinstance(data, dict) and "field" in data:
        return _condition(data, place, fields)
    return _group(data, place, depth, fields)


def _group(data: Any, place: str, depth: int, fields: Fields) -> ConditionGroup:
    if not isinstance(data, dict):
        raise Refused(_("A rule is made of groups and conditions: this is neither. Remove it."), field=place)
    if len(data) != 1 or next(iter(data)) not in GROUPS:
        raise Refused(_("A group is one of “all”, “any” and “not”: choose one."), field=place)
    ((how, members),) = data.items()
    if depth > DEEPEST:
        raise Refused(
            _("Groups within groups go %d deep at most: save the inner ones as a segment of their own.")
            % DEEPEST,
            field=place,
        )
    if not isinstance(members, list) or not members:
        raise Refused(_("This group is empty: add a condition or remove the group."), field=place)
    if len(members) > MOST_CONDITIONS:
        raise Refused(_("A group holds at most %d conditions.") % MOST_CONDITIONS, field=place)
    return ConditionGroup(
        how, tuple(_node(member, f"{place}.{n}", depth + 1, fields) for n, member in enumerate(members))
    )


def _condition(data: dict[str, Any], place: str, fields: Fields) -> Condition:
    if strange := set(data) - PARTS:
        raise Refused(
            _("A condition has no part “%s”: remove it.") % str(min(strange, key=str))[:40], field=place
        )
    field = _field(data, place, fields)
    op = data.get("op")
    if not isinstance(op, str) or op not in operators_of(field):
        fitting = ", ".join(str(label_of(name, field)) for name in operators_of(field))
        raise Refused(
            _("“%(op)s” does not fit “%(field)s”: choose one of %(fitting)s.")
            % {"op": str(op)[:40], "field": field.title, "fitting": fitting},
            field=place,
        )
    days, where = window_of(data, field, place), where_of(data, field, place)
    value = value_of(data.get("value"), op, field, place)
    if fields.attributes is not None:  # a stored rule is taken as it is
        expect_sense(value, field, place)
    return Condition(field, op, value, days, where)


def _field(data: dict[str, Any], place: str, fields: Fields) -> Field:
    key = data["field"]
    name = attribute_name(key) if isinstance(key, str) else None
    if name is None:
        if isinstance(key, str) and key in fields.known:
            return fields.known[key]
        raise _no_field(str(key)[:60], fields.known, place)
    kind = attribute_kind(data.get("kind"))
    if fields.attributes is None:
        return attribute_field(name, kind or Kind.TEXT)
    if key not in fields.attributes:
        raise _no_field(key[:60], fields.attributes, place)
    return attribute_field(name, kind) if kind else fields.attributes[key]


def _no_field(key: str, fields: Mapping[str, Field], place: str) -> Refused:
    near = nearest(key, fields)
    if near:
        return Refused(
            _("There is no field “%(key)s”: did you mean “%(near)s”?") % {"key": key, "near": near},
            field=place,
        )
    return Refused(_("There is no field “%s”: choose one from the list.") % key, field=place)
