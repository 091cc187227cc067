"""Who is in a segment by rule: asked anew when a rule changes, when time passes and when something arrives
about a customer.

Everything that writes members holds one lock, so that of two evaluations the later one sees all that the
earlier one saw.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F, FloatField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from profiles.actions.counters import count_everybody, count_some, currency_of_counters
from profiles.models import CountersRun
from segments.actions.objections import count_groups, let_go
from segments.models import Rule, RuleSize, Segment
from segments.rules.sql import Statement, compile_rule
from segments.rules.tree import Group, conditions, read_stored
from shop.calendar import day_of, present
from shop.models import CustomerTouched

logger = logging.getLogger(__name__)

MEMBERS_LOCK, CATCH_UP_LOCK = 0x5E6D656E74, 0x5E6D656E75  # any numbers, the same everywhere
PATIENCE_MS = 60_000  # how long the database may think about one rule
MOST_COST = 50_000_000.0  # in the planner's units: about a minute of one core
MANY = 500  # touched at once, as by an import: revenue is added up anew instead of tonight
BATCH = 2_000  # touched customers in one transaction
EVERYBODY = 50_000  # so many touched customers are counted faster by counting all

TIMED_OUT = gettext_noop("The rule takes too long: ask for fewer events, or for a shorter time.")
FAILED = gettext_noop("The rule could not be evaluated: open it and save it again.")

FOUND = "CREATE TEMP TABLE IF NOT EXISTS rule_found (customer_id bigint) ON COMMIT DELETE ROWS"
# Somebody who stays keeps the day they came.
REPLACE = """
WITH gone AS (
    DELETE FROM segments_rulemember old WHERE segment_id = %(segment)s {among}
        AND NOT EXISTS (SELECT FROM rule_found WHERE rule_found.customer_id = old.customer_id) RETURNING 1
), come AS (
    INSERT INTO segments_rulemember (segment_id, customer_id, since) SELECT %(segment)s, customer_id, %(now)s FROM rule_found
    ON CONFLICT DO NOTHING RETURNING 1
) SELECT (SELECT count(*) FROM come), (SELECT count(*) FROM gone)
"""
SIZE = """
INSERT INTO segments_rulesize (segment_id, day, size, share, revenue, revenue_share, currency)
SELECT %(segment)s, %(day)s, size, size / greatest(people, 1)::float8, coalesce(revenue, 0),
       coalesce(revenue / nullif(total, 0), 0), %(currency)s
FROM (SELECT count(*) AS size, sum(monetary) AS revenue
      FROM segments_rulemember m LEFT JOIN profiles_customercounters k USING (customer_id) WHERE segment_id = %(segment)s) AS own,
     (SELECT count(*) AS people, sum(monetary) AS total FROM profiles_customercounters) AS everybody
ON CONFLICT (segment_id, day) DO UPDATE SET (size, share, revenue, revenue_share, currency) =
    ROW(excluded.size, excluded.share, excluded.revenue, excluded.revenue_share, excluded.currency)
"""


class TooSlow(Refused):
    """The database was stopped before it had the answer."""


# What the members among some customers have spent, segment by segment.
WORTH = """
SELECT segment_id, sum(monetary) FROM segments_rulemember JOIN profiles_customercounters USING (customer_id)
WHERE customer_id = ANY(%s) GROUP BY segment_id
"""
SPENT = "SELECT coalesce(sum(monetary), 0) FROM profiles_customercounters WHERE customer_id = ANY(%s)"
# Everybody's money is known from a segment that has a share of it: adding it all up takes longer than a batch
# may.
ADD_REVENUE = """
UPDATE segments_rulesize AS one SET revenue = one.revenue + coalesce(change.amount, 0),
    revenue_share = coalesce((one.revenue + coalesce(change.amount, 0)) / nullif(everybody.total + %(spent)s, 0), 0)
FROM (SELECT coalesce((SELECT revenue / revenue_share FROM segments_rulesize WHERE day = %(day)s AND revenue_share > 0
                       ORDER BY revenue DESC LIMIT 1),
                      (SELECT sum(monetary) - %(spent)s FROM profiles_customercounters)) AS total) AS everybody,
     segments_rulesize AS same LEFT JOIN unnest(%(segments)s::bigint[], %(amounts)s::numeric[]) AS change(segment_id, amount)
         USING (segment_id)
WHERE one.day = %(day)s AND same.id = one.id
"""


@dataclass(frozen=True)
class Change:
    """How many came into a segment and how many went."""

    come: int
    gone: int


def hold_members() -> None:
    """Until the transaction ends nobody else changes who is in a segment by rule."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MEMBERS_LOCK])


def expect_affordable(statement: Statement, *, most: float = MOST_COST) -> None:
    """Raise Refused when the planner expects more than `most` of its units of cost."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.select()}", statement.params)
        ((plan,),) = cursor.fetchall()
    cost = plan[0]["Plan"]["Total Cost"]
    if cost > most:
        raise Refused(
            _(
                "This rule is too expensive to ask of all customers: ask for a shorter time, or for fewer "
                "things at once."
            ),
            field="rule",
        )


def read_only(
    statement: str, params: dict[str, Any], *, patience_ms: int = PATIENCE_MS
) -> list[tuple[Any, ...]]:
    """The rows of a statement that can change nothing but temporary tables and is stopped after
    `patience_ms`.

    Raises Refused when its time is up.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            ((before,),) = cursor.fetchall()
            cursor.execute("SET TRANSACTION READ ONLY")  # until the savepoint is released
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(patience_ms)])
            cursor.execute(statement, params)
            rows = cursor.fetchall() if cursor.description else []
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
            return rows
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":  # query_canceled
            raise
        raise TooSlow(_(TIMED_OUT), field="rule") from None


def _replace(segment_id: int, tree: Group, now: datetime, among: Sequence[int] | None) -> Change:
    """Make the members (those `among`) what the rule says. The caller holds the lock."""
    statement = compile_rule(tree, as_of=present(now), among=among)
    with connection.cursor() as cursor:
        cursor.execute(FOUND)
        cursor.execute("DELETE FROM rule_found")
    read_only(f"INSERT INTO rule_found {statement.select()}", statement.params)
    with connection.cursor() as cursor:
        if among is None:
            cursor.execute("ANALYZE rule_found")
        cursor.execute(
            REPLACE.format(among="" if among is None else "AND customer_id = ANY(%(among)s)"),
            {"segment": segment_id, "now": now, "among": None if among is None else list(among)},
        )
        return Change(*cursor.fetchone())


def evaluate(rule: Rule, *, now: datetime | None = None, among: Sequence[int] | None = None) -> Change:
    """Bring a rule's members up to date, in the caller's transaction and under its lock. Raises Refused when
    it takes too long."""
    now = now or timezone.now()
    change = _replace(rule.segment_id, read_stored(rule.tree), now, among)
    if among is None:
        Rule.objects.filter(pk=rule.pk).update(problem="", evaluated_at=now)
    elif rule.problem:
        Rule.objects.filter(pk=rule.pk).update(problem="")
    if among is None or (change.come != change.gone and not _adjust_size(rule.segment_id, now, change)):
        _write_size(rule.segment_id, now)
    return change


def _write_size(segment_id: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            SIZE, {"segment": segment_id, "day": day_of(now), "currency": currency_of_counters(now)}
        )


@transaction.atomic
def _write_sizes() -> None:
    hold_members()
    for pk in Rule.objects.in_force().values_list("pk", flat=True):
        _write_size(pk, timezone.now())


def _adjust_size(segment_id: int, now: datetime, change: Change) -> int:
    """Today's size after a few came or went, without a look at everybody; 0 when today has no size yet or
    nobody was counted."""
    newest = CountersRun.objects.first()
    if newest is None:
        return 0
    size = F("size") + (change.come - change.gone)
    return RuleSize.objects.filter(segment=segment_id, day=day_of(now)).update(
        size=size, share=Cast(size, FloatField()) / max(newest.customers, 1)
    )


# -- when ----------------------------------------------------------------------------------------------------


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Each after the rules of the segments it asks about (there are no circles: `save_rule` refuses them)."""
    waiting = {rule.segment_id: rule for rule in rules}
    ordered: list[Rule] = []

    def take(pk: int) -> None:
        rule = waiting.pop(pk, None)
        if rule is not None:
            for other in sorted(rule.asks):
                take(other)
            ordered.append(rule)

    for pk in sorted(waiting):
        take(pk)
    return ordered


def _with_what_it_asks(rule: Rule) -> list[Rule]:
    """The rule after all that it depends on."""
    known = {one.segment_id: one for one in Rule.objects.in_force()} | {rule.segment_id: rule}
    needed: dict[int, Rule] = {}
    waiting = {rule.segment_id}
    while waiting:
        pk = waiting.pop()
        if pk in known and pk not in needed:
            needed[pk] = known[pk]
            waiting.update(known[pk].asks)
    return in_order(needed.values())


def _try(rule: Rule, *, now: datetime, among: Sequence[int] | None = None) -> Change:
    """Evaluate; a rule that cannot be evaluated keeps its members and says why."""
    try:
        with transaction.atomic():
            return evaluate(rule, now=now, among=among)
    except TooSlow:
        problem = TIMED_OUT
    except (Refused, DatabaseError) as error:
        problem = FAILED
        logger.warning("Rule %s cannot be evaluated: %s", rule.pk, type(error).__name__)
    Rule.objects.filter(pk=rule.pk).update(problem=problem)
    return Change(0, 0)


def follow(segments: Iterable[int], *, now: datetime) -> None:
    """Bring the rules that ask about segments (their ids) whose members changed up to date, in the caller's
    transaction and under its lock."""
    changed = set(segments)
    for one in in_order(Rule.objects.in_force()):
        if changed & set(one.asks):
            _try(one, now=now)
            changed.add(one.segment_id)


def follow_predictions(*, now: datetime) -> None:
    """Bring the rules that ask about predictions up to date, and those that ask about their segments, in the
    caller's transaction: `settings.PREDICTION_USERS` names it."""
    hold_members()
    changed: set[int] = set()
    for one in in_order(Rule.objects.in_force()):
        asks = changed & set(one.asks) or any(
            asked.field.group == "predictions" for asked in conditions(read_stored(one.tree))
        )
        if asks:
            _try(one, now=now)
            changed.add(one.segment_id)


@transaction.atomic
def bring_up_to_date(segment: Segment) -> None:
    """Make a segment's members what its rule says now, and those of the segments it asks about, in the
    caller's transaction: what is read after it is what a page shows from then on. Other kinds of segments
    only lose who was erased or said no."""
    hold_members()
    while _apply_touched():
        pass
    rule = Rule.objects.filter(segment=segment).first()
    if rule is None:
        return
    now = timezone.now()
    for one in _with_what_it_asks(rule):
        _try(one, now=now)


def evaluate_rules(*, all_of_them: bool = False, progress: Progress = silent) -> dict[str, int]:
    """Ask the rules again whose members change by themselves (or all), one transaction each; returns how many
    came and went."""
    rules = in_order(Rule.objects.in_force() if all_of_them else Rule.objects.in_force().filter(timed=True))
    changes = []
    for done, rule in enumerate(rules):
        progress(done, len(rules), gettext_noop("Asking the rules again"))
        with transaction.atomic():
            hold_members()
            if (
                Rule.objects.in_force().filter(pk=rule.pk, version=rule.version).exists()
            ):  # nobody changed it meanwhile
                changes.append(_try(rule, now=timezone.now()))
    progress(len(rules), len(rules))
    return {
        "rules": len(changes),
        "came": sum(one.come for one in changes),
        "went": sum(one.gone for one in changes),
    }


def recount(*, progress: Progress = silent) -> dict[str, int]:
    """Count everybody anew and ask all rules: the nightly truth behind the increments."""
    progress(0, 2, gettext_noop("Counting orders and visits"))
    people = count_everybody()
    return {"people": people} | evaluate_rules(all_of_them=True, progress=progress)


def catch_up() -> int:
    """Apply what arrived about customers to their counters and to the rules; returns how many customers it
    was about.

    Each batch is one transaction that also deletes its touches: a kill at any moment loses none and applies
    none twice. While somebody else catches up nothing is done here: they look once more when they believe to
    be done.
    """
    customers, many = 0, False
    while (applied := _in_one_transaction()) or (applied is not None and CustomerTouched.objects.exists()):
        customers, many = customers + applied, many or applied >= MANY
    if many:
        _write_sizes()
    return customers


@transaction.atomic
def _in_one_transaction() -> int | None:
    """How many customers were caught up with; None when somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CATCH_UP_LOCK])
        ((mine,),) = cursor.fetchall()
    if not mine:
        return None
    hold_members()
    return _apply_touched()


def _many_touched() -> bool:
    """Whether to count everybody at once: so many, or any at all of whom nobody ever was counted (shares need
    the whole)."""
    touched = CustomerTouched.objects.values("pk")
    return touched[EVERYBODY:].exists() or (touched.exists() and not CountersRun.objects.exists())


def _apply_touched() -> int:
    """Take some of the touched customers, count them again and ask all rules about them; returns how many
    were taken."""
    if _many_touched():
        taken, _by_model = CustomerTouched.objects.all().delete()
        count_everybody()
        let_go(None)
        count_groups()
        _ask_all(None)
        return taken
    touched, among = CustomerTouched.objects.take(BATCH), []
    if touched:
        _begin_day()
        before = _worth(touched)
        among = count_some(touched, as_of=timezone.now())  # our own clock
        if among:
            _ask_all(among)
            _add_revenue(before, _worth(touched))
    erased = not set(touched) <= set(among)  # and their memberships with them
    if let_go(among) or erased:
        count_groups()
    if erased:
        _write_sizes()
    return len(touched)


def _begin_day() -> None:
    """Sizes of today for the rules that have none yet: what changes is added to them."""
    now = timezone.now()
    counted = RuleSize.objects.filter(day=day_of(now)).values("segment")
    for pk in Rule.objects.in_force().exclude(segment__in=counted).values_list("pk", flat=True):
        _write_size(pk, now)


@dataclass(frozen=True)
class Worth:
    """What some customers have spent, and what the members among them have, by the id of the segment."""

    spent: float
    of_members: dict[int, float]


def _worth(customers: Sequence[int]) -> Worth:
    with connection.cursor() as cursor:
        cursor.execute(SPENT, [list(customers)])
        ((spent,),) = cursor.fetchall()
        cursor.execute(WORTH, [list(customers)])
        return Worth(spent, dict(cursor.fetchall()))


def _add_revenue(before: Worth, after: Worth) -> None:
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
                "spent": after.spent - before.spent,
                "segments": list(changes),
                "amounts": list(changes.values()),
            },
        )


def _ask_all(among: Sequence[int] | None) -> None:
    now = timezone.now()
    for rule in in_order(Rule.objects.in_force()):
        _try(rule, now=now, among=among)
