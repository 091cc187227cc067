"""How large segments by rule are and what their members have spent, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, FloatField
from django.db.models.functions import Cast
from django.utils import timezone

from profiles.actions.counters import currency_of_counters
from profiles.models import CountersUpdate
from segments.actions.rules.locks import hold_members
from segments.models import Rule, RuleSize
from shop.calendar import day_of

WRITE_SIZE = """
INSERT INTO segments_rulesize (segment_id, day, size, share, revenue, revenue_share, currency)
SELECT %(segment)s, %(day)s, size, size / greatest(people, 1)::float8, coalesce(revenue, 0),
       coalesce(revenue / nullif(total, 0), 0), %(currency)s
FROM (SELECT count(*) AS size, sum(monetary) AS revenue
      FROM segments_rulemember m LEFT JOIN profiles_customercounters k USING (customer_id)
      WHERE segment_id = %(segment)s) AS own,
     (SELECT count(*) AS people, sum(monetary) AS total FROM profiles_customercounters) AS everybody
ON CONFLICT (segment_id, day) DO UPDATE SET (size, share, revenue, revenue_share, currency) =
    ROW(excluded.size, excluded.share, excluded.revenue, excluded.revenue_share, excluded.currency)
"""
SPENT_BY_MEMBERS = """
SELECT segment_id, sum(monetary) FROM segments_rulemember JOIN profiles_customercounters USING (customer_id)
WHERE customer_id = ANY(%s) GROUP BY segment_id
"""
SPENT = "SELECT coalesce(sum(monetary), 0) FROM profiles_customercounters WHERE customer_id = ANY(%s)"
# The total is derived from a segment that has a share of it: adding up everybody's money takes longer than a
# batch may.
ADD_REVENUE = """
UPDATE segments_rulesize AS today SET revenue = today.revenue + coalesce(change.amount, 0),
    revenue_share = coalesce(
        (today.revenue + coalesce(change.amount, 0)) / nullif(everybody.total + %(spent)s, 0), 0)
FROM (SELECT coalesce((SELECT revenue / revenue_share FROM segments_rulesize
                       WHERE day = %(day)s AND revenue_share > 0 ORDER BY revenue DESC LIMIT 1),
                      (SELECT sum(monetary) - %(spent)s FROM profiles_customercounters)) AS total)
                          AS everybody,
     segments_rulesize AS same
     LEFT JOIN unnest(%(segments)s::bigint[], %(amounts)s::numeric[]) AS change(segment_id, amount)
         USING (segment_id)
WHERE today.day = %(day)s AND same.id = today.id
"""


def write_size(segment_id: int, now: datetime) -> None:
    """Count the members of a segment and add up what they have spent, as its size of today."""
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE_SIZE, {"segment": segment_id, "day": day_of(now), "currency": currency_of_counters(now)}
        )


@transaction.atomic
def write_sizes() -> None:
    """The same for every segment by rule."""
    hold_members()
    for pk in Rule.objects.in_force().values_list("pk", flat=True):
        write_size(pk, timezone.now())


def write_missing_sizes() -> None:
    """Begin a new day: sizes of today for the rules that have none yet; increments are added to them."""
    now = timezone.now()
    counted = RuleSize.objects.filter(day=day_of(now)).values("segment")
    for pk in Rule.objects.in_force().exclude(segment__in=counted).values_list("pk", flat=True):
        write_size(pk, now)


def adjust_size(segment_id: int, now: datetime, by: int) -> bool:
    """Add `by` members to today's size without a look at everybody.

    False when today has no size yet or nobody was counted: then it must be written anew.
    """
    newest = CountersUpdate.objects.first()
    if newest is None:
        return False
    size = F("size") + by
    adjusted = RuleSize.objects.filter(segment=segment_id, day=day_of(now)).update(
        size=size, share=Cast(size, FloatField()) / max(newest.customers, 1)
    )
    return bool(adjusted)


@dataclass(frozen=True)
class Spending:
    """What some customers have spent in total, and what the members among them have, by segment id."""

    total: float
    of_members: dict[int, float]


def spending_of(customers: Sequence[int]) -> Spending:
    """What the customers (their ids) have spent so far, less returns, in the currency of the counters."""
    with connection.cursor() as cursor:
        cursor.execute(SPENT, [list(customers)])
        ((total,),) = cursor.fetchall()
        cursor.execute(SPENT_BY_MEMBERS, [list(customers)])
        return Spending(total, dict(cursor.fetchall()))


def add_revenue(before: Spending, after: Spending) -> None:
    """Bring today's revenue of the segments to what their members have spent now."""
    changes = {
        pk: after.of_members.get(pk, 0) - before.of_members.get(pk, 0)
        for pk in before.of_members | after.of_members
    }
    with connection.cursor() as cursor:
        cursor.execute(
            ADD_REVENUE,
            {
                "day": day_of(timezone.now()),
                "spent": after.total - before.total,
                "segments": list(changes),
                "amounts": list(changes.values()),
            },
        )
