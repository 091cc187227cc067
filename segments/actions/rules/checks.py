"""What a rule must be before it is evaluated or saved: sound, of segments that exist, without a circle, and
affordable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import Refused
from segments.actions.rules.limits import expect_affordable
from segments.models import Rule, Segment
from segments.rules.sql import Statement, compile_rule
from segments.rules.tree import ConditionGroup, parse_submitted, segments_of
from shop.calendar import present


def checked(data: Any, segment: Segment | None = None) -> ConditionGroup:
    """The tree of a submitted rule (JSON), of `segment` when it has one already. Raises Refused with the
    place as its field."""
    tree = parse_submitted(data)
    _expect_segments(tree)
    if segment is not None:
        _expect_no_circle(tree, segment)
    return tree


def affordable(tree: ConditionGroup, now: datetime) -> Statement:
    """The rule as a statement. Raises Refused when it is too expensive."""
    statement = compile_rule(tree, as_of=present(now))
    expect_affordable(statement)
    return statement


def _expect_segments(tree: ConditionGroup) -> None:
    """The segments that it refers to must exist, and not be archived."""
    wanted = segments_of(tree)
    existing = Segment.objects.filter(pk__in=wanted).exclude(rule__archived_at__isnull=False)
    if missing := wanted - set(existing.values_list("pk", flat=True)):
        archived = Segment.objects.filter(pk__in=missing).first()
        raise Refused(
            _("The segment “%s” is archived: choose another one or bring it back.") % archived.name
            if archived
            else _("The rule refers to a segment that does not exist: choose one from the list."),
            field="rule",
        )


def _expect_no_circle(tree: ConditionGroup, segment: Segment) -> None:
    rules = {rule.segment_id: rule for rule in Rule.objects.select_related("segment")}
    paths = [(pk, [segment.name]) for pk in sorted(segments_of(tree))]
    seen: set[int] = set()
    while paths:
        pk, path = paths.pop()
        if pk == segment.pk:
            raise Refused(
                _("This rule refers to itself: %s. Remove the segment from the rule.")
                % " → ".join([*path, segment.name]),
                field="rule",
            )
        if pk in rules and pk not in seen:
            seen.add(pk)
            name = rules[pk].segment.name
            paths += [(inner, [*path, name]) for inner in sorted(rules[pk].references)]
