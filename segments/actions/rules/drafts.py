"""A rule before it is saved: whom it finds, what a change would do, and rules over other segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Refused, require
from backoffice.models import User
from profiles.actions.counters import currency_of_counters
from segments.actions.rules.checks import affordable, checked
from segments.actions.rules.limits import read_only
from segments.models import Segment
from segments.rules.sql import Statement
from shop.models import Customer

SEE = "segments.view_segment"
SAMPLE = 10
PREVIEW_MS = 10_000  # somebody is waiting at a page
How = Literal["union", "intersection", "difference"]


@dataclass(frozen=True)
class Preview:
    """Whom a rule would find now. `revenue` is what they spent so far in `currency`, less returns; shares are
    of all customers and of all they spent; `sample` holds at most SAMPLE of them."""

    size: int
    share: float
    revenue: Decimal
    revenue_share: float
    currency: str
    sample: list[Customer]


@dataclass(frozen=True)
class Difference:
    """What saving a rule would change: how many customers enter, leave and stay, with at most SAMPLE of those
    who enter and leave."""

    enters: int
    leaves: int
    stays: int
    entering: list[Customer]
    leaving: list[Customer]


def preview_rule(*, tree: Any, by: User, now: datetime | None = None) -> Preview:
    """Evaluate a rule (JSON, see segments/rules/tree.py) without saving anything.

    Raises Refused with the place as its field when the rule is not sound, refers to a segment that refers
    back, or is too expensive.
    """
    require(by, SEE)
    now = now or timezone.now()
    statement = affordable(checked(tree), now)
    ((size, revenue, people, total, sample),) = _rows(
        f"""
        WITH found AS MATERIALIZED ({statement.select("k.customer_id, k.monetary")})
        SELECT size, revenue, people, total,
               ARRAY(SELECT customer_id FROM found ORDER BY customer_id LIMIT {SAMPLE})
        FROM (SELECT count(*) AS size, sum(monetary) AS revenue FROM found) AS own,
             (SELECT count(*) AS people, sum(monetary) AS total FROM profiles_customercounters) AS everybody
        """,  # noqa: S608 - a compiled rule: its values are parameters
        statement,
    )
    return Preview(
        size,
        size / max(people, 1),
        Decimal(str(round(revenue or 0, 4))),
        (revenue or 0) / total if total else 0.0,
        currency_of_counters(now),
        _customers(sample),
    )


def count_rule(*, tree: Any, by: User, now: datetime | None = None) -> int:
    """How many customers a rule finds now."""
    require(by, SEE)
    statement = affordable(checked(tree), now or timezone.now())
    ((size,),) = _rows(statement.select("count(*)"), statement)
    return int(size)


def rule_difference(*, segment: Segment, tree: Any, by: User, now: datetime | None = None) -> Difference:
    """What saving `tree` as the segment's rule would change against its members now. Raises Refused like
    `preview_rule`."""
    require(by, SEE)
    statement = affordable(checked(tree, segment), now or timezone.now())
    own = statement.value(segment.pk)  # a placeholder
    members = f"SELECT customer_id FROM segments_rulemember WHERE segment_id = {own}"  # noqa: S608 - ours
    ((enters, leaves, stays, entering, leaving),) = _rows(
        f"""
        WITH compared AS MATERIALIZED (
            SELECT coalesce(new.customer_id, old.customer_id) AS customer_id,
                   CASE WHEN old.customer_id IS NULL THEN 'enter' WHEN new.customer_id IS NULL THEN 'leave'
                        ELSE 'stay' END AS change
            FROM ({statement.select()}) AS new
            FULL JOIN ({members}) AS old ON old.customer_id = new.customer_id
        ) SELECT count(*) FILTER (WHERE change = 'enter'), count(*) FILTER (WHERE change = 'leave'),
                 count(*) FILTER (WHERE change = 'stay'),
                 ARRAY(SELECT customer_id FROM compared WHERE change = 'enter' ORDER BY 1 LIMIT {SAMPLE}),
                 ARRAY(SELECT customer_id FROM compared WHERE change = 'leave' ORDER BY 1 LIMIT {SAMPLE})
        FROM compared
        """,  # noqa: S608 - a compiled rule and a placeholder
        statement,
    )
    return Difference(enters, leaves, stays, _customers(entering), _customers(leaving))


def combine(*, segments: Sequence[Segment], how: How) -> dict[str, Any]:
    """The tree (JSON) of a rule over segments: in any of them, in all of them, or in the first and none of
    the others.

    Raises Refused for fewer than two. Count it with `preview_rule`, keep it with `save_rule`.
    """
    if len({segment.pk for segment in segments}) < 2:
        raise Refused(_("Choose at least two segments to combine."), field="segments")
    ids = [segment.pk for segment in segments]
    if how == "union":
        return {"all": [{"field": "segment", "op": "in", "value": ids}]}
    if how == "intersection":
        return {"all": [{"field": "segment", "op": "in", "value": [pk]} for pk in ids]}
    return {
        "all": [
            {"field": "segment", "op": "in", "value": ids[:1]},
            {"field": "segment", "op": "not in", "value": ids[1:]},
        ]
    }


def _rows(statement: str, source: Statement) -> list[tuple[Any, ...]]:
    return read_only(statement, source.params, patience_ms=PREVIEW_MS)


def _customers(ids: Sequence[int]) -> list[Customer]:
    return list(Customer.objects.filter(pk__in=ids).order_by("pk"))
