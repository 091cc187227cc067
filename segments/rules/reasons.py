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


def reasons_for(customer: int, tree: ConditionGroup, wording: RuleWording, *, as_of: datetime) -> list[str]:
    """The conditions of the rule that speak for the customer at `as_of`, in words; of a "none of these" those
    that do not hold.

    One statement, about this customer only.
    """
    parts = list(_parts(tree))
    scope = Statement(as_of, [customer])
    columns = ", ".join(
        f"({holds(condition, scope)}) IS TRUE, {own_value(condition, scope)}" for condition, _wanted in parts
    )
    scope.where = f"k.customer_id = {scope.value(customer)}"
    with connection.cursor() as cursor:
        cursor.execute(scope.select(columns), scope.params)
        found = cursor.fetchone()
    if found is None:
        return []
    answers = zip(found[::2], found[1::2], parts, strict=True)
    return [
        _in_words(condition, own, wanted, wording)
        for true, own, (condition, wanted) in answers
        if true == wanted
    ]


def _parts(group: ConditionGroup, wanted: bool = True) -> Iterator[tuple[Condition, bool]]:
    """Each condition, and whether it speaks for the customer when it holds."""
    wanted = wanted != (group.how == "not")
    for member in group.members:
        if isinstance(member, ConditionGroup):
            yield from _parts(member, wanted)
        else:
            yield member, wanted


def _in_words(condition: Condition, own: Any, wanted: bool, wording: RuleWording) -> str:
    turned = condition if wanted else opposite(condition)
    text = wording.condition(turned) if turned else _("not: %s") % wording.condition(condition)
    if own is None or isinstance(own, bool):
        return text
    return _("%(condition)s; here it is %(own)s") % {
        "condition": text,
        "own": wording.value(condition.field, own),
    }
