"""Segments by rule: looking before saving, saving, combining, putting away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import uuid4

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from profiles.actions.counters import currency_of_counters
from segments.actions.membership import evaluate, expect_affordable, follow, hold_members, read_only
from segments.actions.publishing import COLOURS
from segments.actions.rename import expect_free_name
from segments.models import Method, Rule, RuleMember, Segment
from segments.rules.sql import Statement, compile_rule
from segments.rules.tree import Group, changes_by_itself, read_said, segments_of
from shop.calendar import present
from shop.models import Customer

SEE = "segments.view_segment"
CHANGE = "segments.change_segment"
SAMPLE = 10
PREVIEW_MS = 10_000  # somebody is waiting at a page
LONGEST_NAME, LONGEST_NOTE = 80, 300
WAIT = "5s"  # for whoever is writing members
How = Literal["union", "intersection", "difference"]


@dataclass(frozen=True)
class Preview:
    """Who a rule would find now. `revenue` is what they spent so far in `currency`, less returns; shares are
    of all customers and of all they spent; `sample` holds at most SAMPLE of them."""

    size: int
    share: float
    revenue: Decimal
    revenue_share: float
    currency: str
    sample: list[Customer]


@dataclass(frozen=True)
class Difference:
    """What saving a rule would change: how many come in, go out and stay, with at most SAMPLE of those who
    come and go."""

    enters: int
    leaves: int
    stays: int
    entering: list[Customer]
    leaving: list[Customer]


def preview_rule(*, tree: Any, by: User, now: datetime | None = None) -> Preview:
    """Ask a rule (JSON, see segments/rules/tree.py) without saving anything.

    Raises Refused with the place as its field when the rule is not sound, names a segment that asks back, or
    is too expensive.
    """
    require(by, SEE)
    now = now or timezone.now()
    statement = _affordable(_checked(tree), now)
    ((size, revenue, people, total, sample),) = _ask(
        f"""
        WITH found AS MATERIALIZED ({statement.select("k.customer_id, k.monetary")})
        SELECT size, revenue, people, total, ARRAY(SELECT customer_id FROM found ORDER BY customer_id LIMIT {SAMPLE})
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
    statement = _affordable(_checked(tree), now or timezone.now())
    ((size,),) = _ask(statement.select("count(*)"), statement)
    return int(size)


def rule_difference(*, segment: Segment, tree: Any, by: User, now: datetime | None = None) -> Difference:
    """What saving `tree` as the segment's rule would change against its members now. Raises Refused like
    `preview_rule`."""
    require(by, SEE)
    statement = _affordable(_checked(tree, segment), now or timezone.now())
    ((enters, leaves, stays, entering, leaving),) = _ask(
        f"""
        WITH compared AS MATERIALIZED (
            SELECT coalesce(new.customer_id, old.customer_id) AS customer_id,
                   CASE WHEN old.customer_id IS NULL THEN 'come' WHEN new.customer_id IS NULL THEN 'gone' ELSE 'stay' END AS fate
            FROM ({statement.select()}) AS new
            FULL JOIN (SELECT customer_id FROM segments_rulemember WHERE segment_id = {statement.value(segment.pk)}) AS old
                ON old.customer_id = new.customer_id
        ) SELECT count(*) FILTER (WHERE fate = 'come'), count(*) FILTER (WHERE fate = 'gone'),
                 count(*) FILTER (WHERE fate = 'stay'),
                 ARRAY(SELECT customer_id FROM compared WHERE fate = 'come' ORDER BY 1 LIMIT {SAMPLE}),
                 ARRAY(SELECT customer_id FROM compared WHERE fate = 'gone' ORDER BY 1 LIMIT {SAMPLE})
        FROM compared
        """,  # noqa: S608 - a compiled rule and a placeholder
        statement,
    )
    return Difference(enters, leaves, stays, _customers(entering), _customers(leaving))


@transaction.atomic
def save_rule(
    *,
    tree: Any,
    name: str,
    by: User | None,
    segment: Segment | None = None,
    note: str = "",
    version: int | None = None,
    slug: str = "",
    name_key: str = "",
) -> Segment:
    """Create a segment by rule, or change the rule of `segment`: its members are replaced in this
    transaction, so that nobody who was in it by the old rule stays; rules that ask about it follow. `version`
    is the one the editor saw. `by=None` is the set-up of the shop, which names what it makes by `slug` and an
    untranslated `name_key`.

    Raises Refused with the field at fault (name, note, version, or the place in the rule).
    """
    if by is not None:
        require(by, CHANGE)
    name, note = name.strip(), note.strip()
    _check_words(name or name_key, note)
    if by is not None and (segment is None or name != segment.name):
        expect_free_name(name, besides=segment)
    now = timezone.now()
    checked = _checked(tree, segment)
    _affordable(checked, now)
    _hold_soon()
    rule, before = _rule(segment, version) if segment else (None, None)
    if rule is None:
        segment = _new_segment(name, slug, name_key)
        rule = Rule(segment=segment, version=0)
    elif name != rule.segment.name:
        rule.segment.custom_name = name
        rule.segment.save(update_fields=["custom_name"])
    rule.tree, rule.asks, rule.timed = (
        checked.as_json(),
        sorted(segments_of(checked)),
        changes_by_itself(checked),
    )
    rule.note = note
    rule.version, rule.changed_at = rule.version + 1, now
    rule.save()
    change = evaluate(rule, now=now)
    follow([rule.segment_id], now=now)
    size = RuleMember.objects.filter(segment=rule.segment).count()
    record(
        by=by,
        verb="segment.save_rule",
        about=rule.segment,
        version=rule.version,
        before=before,
        after=rule.tree,
        entered=change.come,
        left=change.gone,
        customers=size,
    )
    return rule.segment


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


@transaction.atomic
def archive_rule(*, segment: Segment, by: User) -> None:
    """Put a segment by rule away: it keeps its history, has no members and leaves lists.

    Refused while another rule asks about it, or something above that settings.SEGMENT_USERS knows still needs
    it, for example a campaign that waits to be sent; the sentence names it.
    """
    require(by, CHANGE)
    _hold_soon()
    rule, _before = _rule(segment, None)
    users = [other.segment.name for other in Rule.objects.in_force() if segment.pk in other.asks]
    users += [name for path in settings.SEGMENT_USERS for name in import_string(path)(segment)]
    if users:
        raise Refused(
            _("“%(name)s” needs this segment: change or archive that one first.")
            % {"name": "”, “".join(sorted(users))}
        )
    rule.archived_at = timezone.now()
    rule.save(update_fields=["archived_at"])
    let_go, _by_model = RuleMember.objects.filter(segment=segment).delete()
    record(by=by, verb="segment.archive", about=segment, customers=let_go)


@transaction.atomic
def restore_rule(*, segment: Segment, by: User) -> None:
    """Bring an archived segment back, with the members its rule finds now. Refused when it asks about an
    archived segment, and when another one has its name now."""
    require(by, CHANGE)
    if segment.custom_name:
        expect_free_name(segment.name, besides=segment)
    _hold_soon()
    rule = Rule.objects.select_for_update().get(segment=segment)
    _checked(rule.tree, segment)
    rule.archived_at = None
    rule.save(update_fields=["archived_at"])
    evaluate(rule)
    record(by=by, verb="segment.restore", about=segment)


# -- checks --------------------------------------------------------------------------------------------------


def _checked(data: Any, segment: Segment | None = None) -> Group:
    tree = read_said(data)
    _expect_segments(tree)
    if segment is not None:
        _expect_no_circle(tree, segment)
    return tree


def _expect_segments(tree: Group) -> None:
    """The segments asked about must be there, and not be archived."""
    asked = segments_of(tree)
    there = Segment.objects.filter(pk__in=asked).exclude(rule__archived_at__isnull=False)
    if missing := asked - set(there.values_list("pk", flat=True)):
        archived = Segment.objects.filter(pk__in=missing).first()
        raise Refused(
            _("The segment “%s” is archived: choose another one or bring it back.") % archived.name
            if archived
            else _("The rule asks about a segment that does not exist: choose one from the list."),
            field="rule",
        )


def _expect_no_circle(tree: Group, segment: Segment) -> None:
    rules = {rule.segment_id: rule for rule in Rule.objects.select_related("segment")}
    paths = [(pk, [segment.name]) for pk in sorted(segments_of(tree))]
    seen: set[int] = set()
    while paths:
        pk, path = paths.pop()
        if pk == segment.pk:
            raise Refused(
                _("This rule asks about itself: %s. Remove the segment from the rule.")
                % " → ".join([*path, segment.name]),
                field="rule",
            )
        if pk in rules and pk not in seen:
            seen.add(pk)
            name = rules[pk].segment.name
            paths += [(inner, [*path, name]) for inner in sorted(rules[pk].asks)]


def _affordable(tree: Group, now: datetime) -> Statement:
    statement = compile_rule(tree, as_of=present(now))
    expect_affordable(statement)
    return statement


def _check_words(name: str, note: str) -> None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(_("Choose a name of at most %d ordinary characters.") % LONGEST_NAME, field="name")
    if len(note) > LONGEST_NOTE:
        raise Refused(_("A note has at most %d characters.") % LONGEST_NOTE, field="note")


# -- rows ----------------------------------------------------------------------------------------------------


def _ask(statement: str, source: Statement) -> list[tuple[Any, ...]]:
    return read_only(statement, source.params, patience_ms=PREVIEW_MS)


def _customers(ids: Sequence[int]) -> list[Customer]:
    return list(Customer.objects.filter(pk__in=ids).order_by("pk"))


def _hold_soon() -> None:
    """The lock on members, or Refused when somebody holds it for long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAIT])
            hold_members()
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError:
        raise Refused(_("Many customers are being counted right now: try again in a minute.")) from None


def _rule(segment: Segment, version: int | None) -> tuple[Rule, Any]:
    """The rule's row, held, and its tree so far."""
    rule = (
        Rule.objects.select_for_update(of=("self",)).select_related("segment").filter(segment=segment).first()
    )
    if rule is None:
        raise Refused(_("This segment has no rule: it was found by a method."))
    if rule.archived_at:
        raise Refused(_("This segment is archived: bring it back first."))
    if version is not None and version != rule.version:
        raise Refused(
            _("Somebody changed this rule after you opened it: look at it again before you go on."),
            field="version",
        )
    return rule, rule.tree


def _new_segment(name: str, slug: str, name_key: str) -> Segment:
    taken = set(
        Segment.objects.filter(method=Method.RULE, rule__archived_at__isnull=True).values_list(
            "colour", flat=True
        )
    )
    colour = next((one for one in COLOURS if one not in taken), COLOURS[len(taken) % len(COLOURS)])
    return Segment.objects.create(
        method=Method.RULE,
        slug=slug or f"rule-{uuid4().hex[:12]}",
        colour=colour,
        name_key=name_key or name,
        custom_name="" if name_key else name,
    )
