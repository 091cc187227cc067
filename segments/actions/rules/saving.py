"""Saving a rule, archiving its segment and bringing it back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backoffice.actions import key_details, record
from backoffice.errors import Refused, require
from backoffice.models import ApiKey, User
from segments.actions.rules.checks import affordable, checked
from segments.actions.rules.evaluation import evaluate, follow_segments
from segments.actions.rules.locks import hold_members_soon
from segments.actions.segments import expect_free_name, free_colour
from segments.models import Method, Rule, RuleMember, Segment
from segments.rules.tree import changes_by_itself, segments_of

CHANGE = "segments.change_segment"
LONGEST_NAME, LONGEST_NOTE = 80, 300


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
    key: ApiKey | None = None,
) -> Segment:
    """Create a segment by rule, or change the rule of `segment`: its members are replaced in this
    transaction, so that nobody who was in it by the old rule stays; rules that refer to it follow. `version`
    is the one the editor saw. `by=None` is the set-up of the shop, which names what it makes by `slug` and an
    untranslated `name_key`. `key`: the API key that writes for `by`.

    Raises Refused with the field at fault (name, note, version, or the place in the rule).
    """
    if by is not None:
        require(by, CHANGE)
    name, note = name.strip(), note.strip()
    _expect_texts(name or name_key, note)
    if by is not None and (segment is None or name != segment.name):
        expect_free_name(name, besides=segment)
    now = timezone.now()
    sound = checked(tree, segment)
    affordable(sound, now)
    hold_members_soon()
    rule, before = _locked_rule(segment, version) if segment else (None, None)
    if rule is None:
        rule = Rule(segment=_new_segment(name, slug, name_key), version=0)
    elif name != rule.segment.name:
        rule.segment.custom_name = name
        rule.segment.save(update_fields=["custom_name"])
    rule.tree = sound.as_json()
    rule.references, rule.time_dependent = sorted(segments_of(sound)), changes_by_itself(sound)
    rule.note = note
    rule.version, rule.changed_at = rule.version + 1, now
    rule.save()
    change = evaluate(rule, now=now)
    follow_segments([rule.segment_id], now=now)
    record(
        by=by,
        verb="segment.save_rule",
        about=rule.segment,
        version=rule.version,
        before=before,
        after=rule.tree,
        entered=change.joined,
        left=change.left,
        customers=RuleMember.objects.filter(segment=rule.segment).count(),
        **key_details(key),
    )
    return rule.segment


@transaction.atomic
def archive_rule(*, segment: Segment, by: User) -> None:
    """Put a segment by rule away: it keeps its history, has no members and leaves lists.

    Refused while another rule refers to it, or something above that settings.SEGMENT_USERS knows still needs
    it, for example a campaign that waits to be sent; the sentence names it.
    """
    require(by, CHANGE)
    hold_members_soon()
    rule, _tree = _locked_rule(segment, None)
    users = [other.segment.name for other in Rule.objects.in_force() if segment.pk in other.references]
    users += [name for path in settings.SEGMENT_USERS for name in import_string(path)(segment)]
    if users:
        raise Refused(
            _("“%(name)s” needs this segment: change or archive that one first.")
            % {"name": "”, “".join(sorted(users))}
        )
    rule.archived_at = timezone.now()
    rule.save(update_fields=["archived_at"])
    removed, _by_model = RuleMember.objects.filter(segment=segment).delete()
    record(by=by, verb="segment.archive", about=segment, customers=removed)


@transaction.atomic
def restore_rule(*, segment: Segment, by: User) -> None:
    """Bring an archived segment back, with the members its rule finds now. Refused when it refers to an
    archived segment, and when another one has its name now."""
    require(by, CHANGE)
    if segment.custom_name:
        expect_free_name(segment.name, besides=segment)
    hold_members_soon()
    rule = Rule.objects.select_for_update().get(segment=segment)
    checked(rule.tree, segment)
    rule.archived_at = None
    rule.save(update_fields=["archived_at"])
    evaluate(rule)
    record(by=by, verb="segment.restore", about=segment)


def _expect_texts(name: str, note: str) -> None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(_("Choose a name of at most %d ordinary characters.") % LONGEST_NAME, field="name")
    if len(note) > LONGEST_NOTE:
        raise Refused(_("A note has at most %d characters.") % LONGEST_NOTE, field="note")


def _locked_rule(segment: Segment, version: int | None) -> tuple[Rule, Any]:
    """The rule's row, locked, and its tree so far. Raises Refused when it is gone, archived, or another
    version than the editor saw."""
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
    in_force = Segment.objects.filter(method=Method.RULE, rule__archived_at__isnull=True)
    return Segment.objects.create(
        method=Method.RULE,
        slug=slug or f"rule-{uuid4().hex[:12]}",
        colour=free_colour(in_force),
        name_key=name_key or name,
        custom_name="" if name_key else name,
    )
