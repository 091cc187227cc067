"""A rule as a sentence in the reader's language: the same words in the builder, the gallery, the audit trail
and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from backoffice.templatetags.formats import country, days, language, money, money_rounded, number, percent
from profiles.models import CountersRun
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
    one: other for pairs in (_WITHOUT, _BEYOND) for pair in pairs.items() for one, other in (pair, pair[::-1])
}


def opposite(one: Condition) -> Condition | None:
    """The condition that holds exactly where `one` does not; None where there is none in words: what is not
    known of a customer is neither above nor below."""
    if one.field.kind is Kind.YES_NO and one.op == "=" and not one.field.optional:
        return replace(one, value=not one.value)
    op = OPPOSITE.get(one.op)
    told = one.field.kind is Kind.COUNT or one.op in _WITHOUT or op in _WITHOUT
    return replace(one, op=op) if op and told and op in operators_of(one.field) else None


def _told_apart(asked: set[int]) -> dict[int, str]:
    """The names of segments by id: of a group that was found with the method, as several methods have one of
    that name, and whether it has ended."""
    in_force = set(Segment.objects.in_force().filter(pk__in=asked).values_list("pk", flat=True))
    names = {}
    for one in Segment.objects.filter(pk__in=asked):
        if one.pk not in in_force:
            names[one.pk] = _("“%s”, which has ended") % one.name
        else:
            names[one.pk] = (
                one.name if one.method == Method.RULE else f"{one.name} · {one.get_method_display()}"
            )
    return names


class RuleWording:
    """Puts rules into words; asks the database once for the currency and the names of the segments that the
    rules mention."""

    def __init__(self, trees: list[ConditionGroup]) -> None:
        asked = set().union(*(segments_of(tree) for tree in trees))
        self.names = _told_apart(asked) if asked else {}
        newest = CountersRun.objects.first()
        self.currency = newest.currency if newest else ""

    def sentence(self, tree: ConditionGroup) -> str:
        """For example "Days since last order is more than 90 and Orders is at least 3"."""
        return self._group(tree, outermost=True)

    def condition(self, one: Condition) -> str:
        """For example "Orders is at least 3" or "viewed (category Shoes) at least 3 times in the last 14
        days"."""
        subject = self._subject(one)
        if one.op == "last":
            return _("%(subject)s is within the last %(days)s") % {
                "subject": subject,
                "days": days(one.value),
            }
        if one.op == "ago":
            return _("%(subject)s is more than %(days)s ago") % {"subject": subject, "days": days(one.value)}
        if one.field.key.startswith("event."):
            return self._happened(one)
        words = {"subject": subject, "comparison": label_of(one.op, one.field), "value": self._values(one)}
        if not ARITY[one.op]:
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
            self._group(one, outermost=bare and len(group.members) == 1)
            if isinstance(one, ConditionGroup)
            else self.condition(one)
            for one in group.members
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

    def _happened(self, one: Condition) -> str:
        words = {"what": f"{one.field.title}{self._products(one)}", "window": self._window(one)}
        if (one.op, one.value) in NEVER:
            return pgettext("event", "never %(what)s%(window)s") % words
        once = one.value == 1
        words["times"] = (
            pgettext("how often", "once") if once else pgettext("how often", "%s times") % self._values(one)
        )
        return str(TIMES[one.op]) % words

    def _subject(self, one: Condition) -> str:
        return f"{one.field.title}{self._products(one)}{self._window(one)}"

    def _products(self, one: Condition) -> str:
        return "".join(
            pgettext("about certain products", " (%s)") % self._about(name, values)
            for name, values in one.where
        )

    def _window(self, one: Condition) -> str:
        return (
            ""
            if one.days is None
            else ngettext(" in the last %d day", " in the last %d days", one.days) % one.days
        )

    def _about(self, name: str, values: tuple[str, ...]) -> str:
        titles: Mapping[str, str] = {"category": _("category"), "brand": _("brand"), "product": _("product")}
        return f"{titles[name]} {self._listed(list(values))}"

    def _values(self, one: Condition) -> str:
        if not isinstance(one.value, tuple):
            return self.value(one.field, one.value)
        said = [self.value(one.field, value) for value in one.value]
        if one.op == "between":
            return _("%(low)s and %(high)s") % {"low": said[0], "high": said[1]}
        return self._listed(said)

    def _listed(self, said: list[str]) -> str:
        named = pgettext("between two values", ", ").join(said[:LISTED])
        if len(said) > LISTED:
            return _("%(named)s and %(n)s more") % {"named": named, "n": number(len(said) - LISTED)}
        return named
