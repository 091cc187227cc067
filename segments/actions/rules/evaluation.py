"""Making the members of segments by rule what their rules say."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from segments.actions.rules.limits import TIMED_OUT, RuleTooSlow, read_only
from segments.actions.rules.locks import hold_members
from segments.actions.rules.order import in_order
from segments.actions.rules.sizes import adjust_size, write_size
from segments.models import Rule
from segments.rules.sql import compile_rule
from segments.rules.tree import conditions, parse_stored
from shop.calendar import present

logger = logging.getLogger(__name__)

FAILED = gettext_noop("The rule could not be evaluated: open it and save it again.")

MATCHES = "CREATE TEMP TABLE IF NOT EXISTS rule_match (customer_id bigint) ON COMMIT DELETE ROWS"
# Somebody who stays keeps the day on which they joined.
REPLACE = """
WITH gone AS (
    DELETE FROM segments_rulemember old WHERE segment_id = %(segment)s {among}
        AND NOT EXISTS (SELECT FROM rule_match WHERE rule_match.customer_id = old.customer_id) RETURNING 1
), new AS (
    INSERT INTO segments_rulemember (segment_id, customer_id, since)
    SELECT %(segment)s, customer_id, %(now)s FROM rule_match
    ON CONFLICT DO NOTHING RETURNING 1
) SELECT (SELECT count(*) FROM new), (SELECT count(*) FROM gone)
"""


@dataclass(frozen=True)
class MemberChange:
    """How many customers joined a segment and how many left it."""

    joined: int
    left: int


def evaluate(rule: Rule, *, now: datetime | None = None, among: Sequence[int] | None = None) -> MemberChange:
    """Bring a rule's members up to date (those of the customers `among`), in the caller's transaction and
    under its lock. Raises Refused when it takes too long."""
    now = now or timezone.now()
    change = _replace_members(rule, now, among)
    if among is None:
        Rule.objects.filter(pk=rule.pk).update(problem="", evaluated_at=now)
    elif rule.problem:
        Rule.objects.filter(pk=rule.pk).update(problem="")
    growth = change.joined - change.left
    if among is None or (growth and not adjust_size(rule.segment_id, now, growth)):
        write_size(rule.segment_id, now)
    return change


def _replace_members(rule: Rule, now: datetime, among: Sequence[int] | None) -> MemberChange:
    statement = compile_rule(parse_stored(rule.tree), as_of=present(now), among=among)
    with connection.cursor() as cursor:
        cursor.execute(MATCHES)
        cursor.execute("DELETE FROM rule_match")
    read_only(f"INSERT INTO rule_match {statement.select()}", statement.params)
    with connection.cursor() as cursor:
        if among is None:
            cursor.execute("ANALYZE rule_match")
        cursor.execute(
            REPLACE.format(among="" if among is None else "AND customer_id = ANY(%(among)s)"),
            {"segment": rule.segment_id, "now": now, "among": None if among is None else list(among)},
        )
        return MemberChange(*cursor.fetchone())


def evaluate_safely(rule: Rule, *, now: datetime, among: Sequence[int] | None = None) -> MemberChange:
    """Evaluate; a rule that cannot be evaluated keeps its members and records why."""
    try:
        with transaction.atomic():
            return evaluate(rule, now=now, among=among)
    except RuleTooSlow:
        problem = TIMED_OUT
    except (Refused, DatabaseError) as error:
        problem = FAILED
        logger.warning("Rule %s cannot be evaluated: %s", rule.pk, type(error).__name__)
    Rule.objects.filter(pk=rule.pk).update(problem=problem)
    return MemberChange(0, 0)


def evaluate_all(*, among: Sequence[int] | None = None) -> None:
    """Evaluate every rule in force for the customers `among`, in the caller's transaction and under its
    lock."""
    now = timezone.now()
    for rule in in_order(Rule.objects.in_force()):
        evaluate_safely(rule, now=now, among=among)


def re_evaluate_rules(*, every_rule: bool = False, progress: Progress = silent) -> dict[str, int]:
    """Evaluate the rules whose members change as time passes (or every rule), one transaction each; returns
    how many rules, and how many customers joined and left."""
    in_force = Rule.objects.in_force()
    rules = in_order(in_force if every_rule else in_force.filter(time_dependent=True))
    changes = []
    for done, rule in enumerate(rules):
        progress(done, len(rules), gettext_noop("Re-evaluating rules"))
        with transaction.atomic():
            hold_members()
            unchanged = Rule.objects.in_force().filter(pk=rule.pk, version=rule.version)
            if unchanged.exists():
                changes.append(evaluate_safely(rule, now=timezone.now()))
    progress(len(rules), len(rules))
    return {
        "rules": len(changes),
        "joined": sum(change.joined for change in changes),
        "left": sum(change.left for change in changes),
    }


def follow_segments(segments: Iterable[int], *, now: datetime) -> None:
    """Bring the rules up to date that refer to segments (their ids) whose members changed, in the caller's
    transaction and under its lock."""
    changed = set(segments)
    for rule in in_order(Rule.objects.in_force()):
        if changed & set(rule.references):
            evaluate_safely(rule, now=now)
            changed.add(rule.segment_id)


def follow_predictions(*, now: datetime) -> None:
    """Bring the rules up to date that use predictions, and those that refer to their segments, in the
    caller's transaction: `settings.PREDICTION_USERS` names it."""
    hold_members()
    changed: set[int] = set()
    for rule in in_order(Rule.objects.in_force()):
        predicted = any(
            condition.field.group == "predictions" for condition in conditions(parse_stored(rule.tree))
        )
        if predicted or changed & set(rule.references):
            evaluate_safely(rule, now=now)
            changed.add(rule.segment_id)
