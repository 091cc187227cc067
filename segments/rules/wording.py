"""A rule as a sentence in the reader's language: the same words in the builder, the gallery, the audit trail
and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from backoffice.templatetags.formats import country, days, language, money, money_rounded, number, percent
from profiles.models import CountersUpdate
from segments.models import Method, Segment
from segments.rules.fields import ARITY, Field, Kind, label_of, operators_of
from segments.rules.tree import Condition, ConditionGroup, segments_of
from shop.presenters.attributes import attribute_value

RECORDED = {"person.country": country, "person.language": language}
LISTED = 4  # values of a list that a sentence names; the rest is counted

# how often something happened; %(times)s is "once" or "3 times", %(window)s is empty or begins with a blank
TIMES = {
    "=": pgettext_lazy("event", "%(what)s exactly %(times)s%(window)s"),
    "!=": pgettext_lazy("event", "%(what)s other than %(times)s%(window)s"),
    "<": pgettext_lazy("event", "%(what)s less than %(times)s%(window)s"),
    "<=": pgettext_lazy("event", "%(what)s at most %(times)s%(window)s"),
    ">": pgettext_lazy("event", "%(what)s more than %(times)s%(window)s"),
    ">=": pgettext_lazy("event", "%(what)s at least %(times)s%(window)s"),
    "between": pgettext_lazy("event", "%(what)s between %(times)s%(window)s"),
}
NEVER = {("=", 0), ("<=", 0), ("<", 1)}
_WITHOUT = {"=": "!=", "in": "not in", "contains": "lacks", "known": "unknown"}
_BEYOND = {"<": ">=", "<=": ">"}
OPPOSITE = {
    first: second
    for pairs in (_WITHOUT, _BEYOND)
    for pair in pairs.items()
    for first, second in (pair, pair[::-1])
}


def opposite(condition: Condition) -> Condition | None:
    """The condition that holds exactly where `one` does not; None where there is none in words: what is not
    known of a customer is neither above nor below."""
    if condition.field.kind is Kind.YES_NO and condition.op == "=" and not condition.field.optional:
        return replace(condition, value=not condition.value)
    op = OPPOSITE.get(condition.op)
    exact = condition.field.kind is Kind.COUNT or condition.op in _WITHOUT or op in _WITHOUT
    return replace(condition, op=op) if op and exact and op in operators_of(condition.field) else None


def _names_of(segments: set[int]) -> dict[int, str]:
    """The names of segments by id: of a group that was found with the method, as several methods have one of
    that name, and whether it has ended."""
    in_force = set(Segment.objects.in_force().filter(pk__in=segments).values_list("pk", flat=True))
    names = {}
    for segment in Segment.objects.filter(pk__in=segments):
        if segment.pk not in in_force:
            names[segment.pk] = _("“%s”, which has ended") % segment.name
        else:
            names[segment.pk] = segment.name if segment.method == Method.RULE else segment.label
    return names


class RuleWording:
    """Puts rules into words; reads once from the database the currency and the names of the segments that the
    rules mention."""

    def __init__(self, trees: list[ConditionGroup]) -> None:
        references = set().union(*(segments_of(tree) for tree in trees))
        self.names = _names_of(references) if references else {}
        newest = CountersUpdate.objects.first()
        self.currency = newest.currency if newest else ""

    def sentence(self, tree: ConditionGroup) -> str:
        """For example "Days since last order is more than 90 and Orders is at least 3"."""
        return self._group(tree, outermost=True)

    def condition(self, condition: Condition) -> str:
        """For example "Orders is at least 3" or "viewed (category Shoes) at least 3 times in the last 14
        days"."""
        subject = self._subject(condition)
        if condition.op == "last":
            return _("%(subject)s is within the last %(days)s") % {
                "subject": subject,
                "days": days(condition.value),
            }
        if condition.op == "ago":
            return _("%(subject)s is more than %(days)s ago") % {
                "subject": subject,
                "days": days(condition.value),
            }
        if condition.field.key.startswith("event."):
            return self._happened(condition)
        words = {
            "subject": subject,
            "comparison": label_of(condition.op, condition.field),
            "value": self._values(condition),
        }
        if not ARITY[condition.op]:
            return pgettext("a condition", "%(subject)s %(comparison)s") % words
        return pgettext("a condition", "%(subject)s %(comparison)s %(value)s") % words

    def value(self, field: Field, value: Any) -> str:
        """One value of the field as the reader's language writes it; "–" when it is not known."""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if value is None or isinstance(value, str):
            return self._recorded(field, value)
        if field.kind is Kind.SEGMENT:
            return self.names.get(value, _("a segment that is gone"))
        if field.unit == "money":
            return (money_rounded if value == round(value) else money)(value, self.currency)
        if field.unit == "share":
            return percent(value, 0 if round(value * 100, 6) == round(value * 100) else 1)
        return number(value, 0 if value == round(value) else 1)

    def _recorded(self, field: Field, value: str | None) -> str:
        """A text that the shop recorded: countries, languages and common attributes have a translation."""
        if not value:
            return "–"
        if field.key in RECORDED:
            return RECORDED[field.key](value)
        return str(attribute_value(field.key.removeprefix("attribute."), value))

    def _group(self, group: ConditionGroup, *, outermost: bool) -> str:
        bare = group.how == "not" or (outermost and len(group.members) == 1)
        parts = [
            self._group(member, outermost=bare and len(group.members) == 1)
            if isinstance(member, ConditionGroup)
            else self.condition(member)
            for member in group.members
        ]
        joiner = (
            pgettext("between two conditions", " and ")
            if group.how == "all"
            else pgettext("between two conditions", " or ")
        )
        joined = joiner.join(parts)
        if group.how == "not":
            return self._none_of(group, joined)
        return joined if outermost or len(parts) == 1 else pgettext("conditions together", "(%s)") % joined

    def _none_of(self, group: ConditionGroup, joined: str) -> str:
        (only, *others) = group.members
        turned = opposite(only) if isinstance(only, Condition) and not others else None
        return self.condition(turned) if turned else _("not (%s)") % joined

    def _happened(self, condition: Condition) -> str:
        words = {
            "what": f"{condition.field.title}{self._products(condition)}",
            "window": self._window(condition),
        }
        if (condition.op, condition.value) in NEVER:
            return pgettext("event", "never %(what)s%(window)s") % words
        once = condition.value == 1
        words["times"] = (
            pgettext("how often", "once")
            if once
            else pgettext("how often", "%s times") % self._values(condition)
        )
        return str(TIMES[condition.op]) % words

    def _subject(self, condition: Condition) -> str:
        return f"{condition.field.title}{self._products(condition)}{self._window(condition)}"

    def _products(self, condition: Condition) -> str:
        return "".join(
            pgettext("about certain products", " (%s)") % self._about(name, values)
            for name, values in condition.where
        )

    def _window(self, condition: Condition) -> str:
        return (
            ""
            if condition.days is None
            else ngettext(" in the last %d day", " in the last %d days", condition.days) % condition.days
        )

    def _about(self, name: str, values: tuple[str, ...]) -> str:
        titles: Mapping[str, str] = {"category": _("category"), "brand": _("brand"), "product": _("product")}
        return f"{titles[name]} {self._listed(list(values))}"

    def _values(self, condition: Condition) -> str:
        if not isinstance(condition.value, tuple):
            return self.value(condition.field, condition.value)
        values = [self.value(condition.field, value) for value in condition.value]
        if condition.op == "between":
            return _("%(low)s and %(high)s") % {"low": values[0], "high": values[1]}
        return self._listed(values)

    def _listed(self, values: list[str]) -> str:
        listed = pgettext("between two values", ", ").join(values[:LISTED])
        if len(values) > LISTED:
            return _("%(named)s and %(n)s more") % {"named": listed, "n": number(len(values) - LISTED)}
        return listed
