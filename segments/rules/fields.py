"""What a rule may use: the catalogue of fields, each with its kind, its operators and its expression in SQL.

Expressions come from here and from registered providers only, never from a rule; what a rule says becomes a
parameter. A topic adds fields by registering a provider: a function without arguments that returns them.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol

from django.utils.functional import lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from predictions.models import PredictionKind
from profiles.datasets.features import CATALOGUE
from profiles.models import CustomerCounters
from shop.calendar import zone
from shop.models import Channel, Event


class Kind(StrEnum):
    """How a field is compared. DAYS: days since a moment; COUNT: counted in a window, about certain products;
    PRESENCE: whether there is anything at all."""

    NUMBER = "number"
    DAYS = "days"
    TEXT = "text"
    DATE = "date"
    YES_NO = "bool"
    COUNT = "count"
    SEGMENT = "segment"
    PRESENCE = "presence"


class Scope(Protocol):
    """The statement that an expression becomes part of. The customer's counters are `k`."""

    def value(self, value: Any) -> str:
        """A placeholder for `value`."""

    def join(self, alias: str, clause: str) -> str:
        """Make sure that the table `alias` is joined by `clause`; returns the alias."""


@dataclass(frozen=True)
class Field:
    """`expression` gives the SQL of the customer's own value, NULL where it is not known (`optional`: that
    can happen). Of DAYS it gives the moment; of COUNT what is counted: the kind of event, or for orders the
    aggregate."""

    key: str
    title: Any
    kind: Kind
    group: str
    expression: Callable[[Scope], str]
    unit: str = ""
    definition: Any = ""
    optional: bool = False

    @property
    def counts(self) -> bool:
        return self.kind is Kind.COUNT


FIELD_TOPICS = {
    "purchases": _("Purchases"),
    "browsing": _("Browsing"),
    "person": _("Person"),
    "attributes": _("Attributes"),
    "consent": _("Consent"),
    "events": _("What they did"),
    "orders": _("What they bought"),
    "predictions": _("Predictions"),
    "segments": _("Segments"),
}
CASE_ALIKE = _("Upper and lower case are treated alike.")
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=", "between")
OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.NUMBER: COMPARISONS,
    Kind.DAYS: COMPARISONS,
    Kind.COUNT: COMPARISONS,
    Kind.TEXT: ("=", "!=", "in", "not in", "contains", "lacks", "begins"),
    Kind.DATE: ("last", "ago", "<", ">", "between"),
    Kind.YES_NO: ("=",),
    Kind.SEGMENT: ("in", "not in"),
    Kind.PRESENCE: (),
}
ARITY = dict.fromkeys((*COMPARISONS, "in", "not in", "contains", "lacks", "begins", "last", "ago"), 1) | {
    "between": 2,
    "known": 0,
    "unknown": 0,
}
LABELS = {
    "=": pgettext_lazy("comparison", "is"),
    "!=": pgettext_lazy("comparison", "is not"),
    "<": pgettext_lazy("comparison", "is less than"),
    "<=": pgettext_lazy("comparison", "is at most"),
    ">": pgettext_lazy("comparison", "is more than"),
    ">=": pgettext_lazy("comparison", "is at least"),
    "between": pgettext_lazy("comparison", "is between"),
    "in": pgettext_lazy("comparison", "is one of"),
    "not in": pgettext_lazy("comparison", "is none of"),
    "contains": pgettext_lazy("comparison", "contains"),
    "lacks": pgettext_lazy("comparison", "does not contain"),
    "begins": pgettext_lazy("comparison", "begins with"),
    "last": pgettext_lazy("comparison", "is within the last (days)"),
    "ago": pgettext_lazy("comparison", "is longer ago than (days)"),
    "known": pgettext_lazy("comparison", "is known"),
    "unknown": pgettext_lazy("comparison", "is not known"),
}
DATE_LABELS = {"<": pgettext_lazy("comparison", "is before"), ">": pgettext_lazy("comparison", "is after")}


def operators_of(field: Field) -> tuple[str, ...]:
    presence = ("known", "unknown") if field.optional or field.kind is Kind.PRESENCE else ()
    return (*OPERATORS[field.kind], *presence)


def label_of(op: str, field: Field) -> Any:
    """The operator in the reader's language, as it reads after the field's title."""
    return DATE_LABELS.get(op, LABELS[op]) if field.kind is Kind.DATE else LABELS[op]


def nearest(key: str, fields: Mapping[str, Field]) -> str:
    """The known key most like `key`, or ""."""
    return next(iter(difflib.get_close_matches(key, fields, n=1)), "")


# -- providers -----------------------------------------------------------------------------------------------

_providers: list[Callable[[], list[Field]]] = []


def provides(provider: Callable[[], list[Field]]) -> Callable[[], list[Field]]:
    """Register a function that returns fields; it is called once."""
    _providers.append(provider)
    return provider


@cache
def known_fields() -> dict[str, Field]:
    """The fields that do not depend on what attributes the shop records, by key."""
    return {field.key: field for provider in _providers for field in provider()}


def _counter(key: str) -> Callable[[Scope], str]:
    return lambda scope: f"k.{key}"


def _person(expression: str) -> Callable[[Scope], str]:
    def in_scope(scope: Scope) -> str:
        scope.join("c", "JOIN shop_customer c ON c.id = k.customer_id")
        return expression

    return in_scope


def _day_joined(scope: Scope) -> str:
    """The day of the shop on which they became a customer."""
    return f"({_person('c.created_at')(scope)} AT TIME ZONE {scope.value(zone().key)})::date"


@provides
def counter_fields() -> list[Field]:
    """The catalogue's features that are counted live; days since something are compared with the moment."""
    fields = []
    for feature in CATALOGUE:
        moment = CustomerCounters.MOMENTS.get(feature.key)
        if moment is None and feature.key not in CustomerCounters.COUNTED:
            continue
        fields.append(
            Field(
                feature.key,
                feature.title,
                Kind.DAYS if moment else Kind.NUMBER,
                feature.topic,
                _counter(moment or feature.key),
                unit=feature.unit,
                definition=feature.definition,
                optional=moment is not None,
            )
        )
    return fields


@provides
def person_fields() -> list[Field]:
    return [
        Field(
            "person.country",
            _("Country"),
            Kind.TEXT,
            "person",
            _person("nullif(c.country, '')"),
            definition=CASE_ALIKE,
            optional=True,
        ),
        Field(
            "person.language",
            _("Language"),
            Kind.TEXT,
            "person",
            _person("nullif(c.locale, '')"),
            definition=CASE_ALIKE,
            optional=True,
        ),
        Field(
            "person.since",
            _("Customer since"),
            Kind.DATE,
            "person",
            _day_joined,
        ),
        Field("person.email", _("Email address"), Kind.PRESENCE, "person", _person("nullif(c.email, '')")),
        Field("person.phone", _("Phone number"), Kind.PRESENCE, "person", _person("nullif(c.phone, '')")),
    ]


CONSENT = """coalesce((SELECT word.granted FROM shop_customer AS speaker
    JOIN shop_customer AS twin ON twin.person = speaker.person
    JOIN shop_consent AS word ON word.customer_id = twin.id
    WHERE speaker.id = k.customer_id AND word.channel = {channel} AND word.purpose = 'marketing'
    ORDER BY word.recorded_at DESC, word.granted, word.id DESC LIMIT 1), false)"""


@provides
def consent_fields() -> list[Field]:
    """The latest word on each channel, on any record of the person; silence is a no."""

    def word(channel: str) -> Callable[[Scope], str]:
        return lambda scope: CONSENT.format(channel=scope.value(channel))

    title = lazy(lambda channel: gettext("Agreed to %(channel)s") % {"channel": channel.label}, str)
    return [
        Field(f"consent.{channel.value}", title(channel), Kind.YES_NO, "consent", word(channel.value))
        for channel in Channel
    ]


EVENTS = (
    Event.Kind.VIEW,
    Event.Kind.CART,
    Event.Kind.FAVOURITE,
    Event.Kind.SEARCH,
    Event.Kind.CHECKOUT,
    Event.Kind.AD_CLICK,
    Event.Kind.SHARE,
    Event.Kind.PAGE,
)


@provides
def event_fields() -> list[Field]:
    def kind(value: str) -> Callable[[Scope], str]:
        return lambda scope: scope.value(value)

    return [
        Field(f"event.{event.value}", event.label, Kind.COUNT, "events", kind(event.value), unit="count")
        for event in EVENTS
    ]


# of the paid orders' lines that fit: what is added up. Returns are orders of their own and are not taken off
ORDERS = {
    "order.count": (_("Orders placed"), "count", "count(DISTINCT e.id)"),
    "order.items": (_("Items bought"), "count", "sum(line.quantity)"),
    "order.amount": (_("Money spent on it"), "money", "sum(line.amount)"),
    "order.share": (  # of all that was spent in the same time
        _("Share of spending"),
        "share",
        "sum(line.amount) FILTER (WHERE {fits}) / nullif(sum(line.amount), 0)",
    ),
}


@provides
def order_fields() -> list[Field]:
    def aggregate(sql: str) -> Callable[[Scope], str]:
        return lambda scope: sql

    return [
        Field(key, title, Kind.COUNT, "orders", aggregate(sql), unit=unit)
        for key, (title, unit, sql) in ORDERS.items()
    ]


# Read once a statement, not once a customer: cards are large.
CATEGORIES = """(SELECT array(SELECT jsonb_array_elements_text(card -> 'categories'))
    FROM predictions_predictionrun
    WHERE kind = {kind} AND in_force)"""
PREDICTION = """LEFT JOIN predictions_prediction {alias} ON {alias}.customer_id = k.customer_id
    AND {alias}.run_id = (
    SELECT id FROM predictions_predictionrun WHERE kind = {kind} AND in_force)"""


@provides
def prediction_fields() -> list[Field]:
    """Probabilities from 0 to 1, the lifetime value in money, the next category by name; not known of
    customers without a prediction."""

    def joined(kind: str, scope: Scope) -> str:
        alias = f"p_{kind}"
        return scope.join(alias, PREDICTION.format(alias=alias, kind=scope.value(kind)))

    def predicted(kind: str) -> Callable[[Scope], str]:
        return lambda scope: joined(kind, scope) + ".value"

    def category(scope: Scope) -> str:
        kind = PredictionKind.CATEGORY.value
        return f"({CATEGORIES.format(kind=scope.value(kind))})[{joined(kind, scope)}.choice]"

    next_category = Field(
        "prediction.category",
        PredictionKind.CATEGORY.label,
        Kind.TEXT,
        "predictions",
        category,
        definition=CASE_ALIKE,
        optional=True,
    )
    return [next_category] + [
        Field(
            f"prediction.{kind.value}",
            kind.label,
            Kind.NUMBER,
            "predictions",
            predicted(kind.value),
            unit="money" if kind is PredictionKind.LIFETIME else "share",
            optional=True,
        )
        for kind in PredictionKind
        if kind is not PredictionKind.CATEGORY
    ]


@provides
def segment_fields() -> list[Field]:
    return [Field("segment", _("Segment"), Kind.SEGMENT, "segments", lambda scope: "k.customer_id")]
