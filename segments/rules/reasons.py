"""Why a customer is in a segment by rule: the conditions that hold, with the customer's own figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from segments.rules.sql import Statement, holds, own_value
from segments.rules.tree import Condition, ConditionGroup
from segments.rules.wording import RuleWording, opposite


def reasons_for(customer: int, tree: ConditionGroup, speaker: RuleWording, *, as_of: datetime) -> list[str]:
    """The conditions of the rule that speak for the customer at `as_of`, in words; of a "none of these" those
    that do not hold.

    One statement, about this customer only.
    """
    asked = list(_asked(tree))
    scope = Statement(as_of, [customer])
    columns = ", ".join(f"({holds(one, scope)}) IS TRUE, {own_value(one, scope)}" for one, _wanted in asked)
    scope.where = f"k.customer_id = {scope.value(customer)}"
    with connection.cursor() as cursor:
        cursor.execute(scope.select(columns), scope.params)
        found = cursor.fetchone()
    if found is None:
        return []
    answers = zip(found[::2], found[1::2], asked, strict=True)
    return [_said(one, own, wanted, speaker) for true, own, (one, wanted) in answers if true == wanted]


def _asked(group: ConditionGroup, wanted: bool = True) -> Iterator[tuple[Condition, bool]]:
    """Each condition, and whether it speaks for the customer when it holds."""
    wanted = wanted != (group.how == "not")
    for member in group.members:
        if isinstance(member, ConditionGroup):
            yield from _asked(member, wanted)
        else:
            yield member, wanted


def _said(one: Condition, own: Any, wanted: bool, speaker: RuleWording) -> str:
    turned = one if wanted else opposite(one)
    said = speaker.condition(turned) if turned else _("not: %s") % speaker.condition(one)
    if own is None or isinstance(own, bool):
        return said
    return _("%(condition)s; here it is %(own)s") % {"condition": said, "own": speaker.value(one.field, own)}
