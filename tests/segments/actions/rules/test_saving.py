"""Saving a rule, archiving and restoring its segment."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from segments.actions.refresh import refresh_segments
from segments.actions.rules.drafts import preview_rule, rule_difference
from segments.actions.rules.saving import archive_rule, restore_rule, save_rule
from segments.actions.segments import rename_segment
from segments.models import RuleMember, RuleSize, Segment
from shop.models import Customer
from tests.planted import EACH, TODAY
from tests.segments.actions.rules.rules import OFTEN, ONCE, in_segments


def ids(segment):
    return set(segment.members().values_list("pk", flat=True))


def test_a_saved_rule_has_members_a_size_and_a_trail(shop, mara):
    segment = save_rule(tree=OFTEN, name=" Regulars ", note="ten or more", by=mara)
    assert segment.name == "Regulars"
    assert ids(segment) == set(shop["loyal"])
    size = RuleSize.objects.get(segment=segment)
    assert (size.size, size.share, size.currency) == (EACH, pytest.approx(1 / 3), "GBP")
    entry = AuditEntry.objects.get(verb="segment.save_rule")
    assert entry.details["after"] == {"all": [OFTEN]}
    assert (entry.details["before"], entry.details["customers"], entry.details["entered"]) == (
        None,
        EACH,
        EACH,
    )


def test_an_edit_leaves_nobody_behind(shop, mara):
    segment = save_rule(tree={"any": [OFTEN, ONCE]}, name="Both", by=mara)
    stayed = RuleMember.objects.get(segment=segment, customer_id=shop["new"][0])
    found = rule_difference(segment=segment, tree={"field": "frequency", "op": "<=", "value": 2}, by=mara)
    assert (found.enters, found.leaves, found.stays) == (EACH, EACH, EACH)
    assert {customer.pk for customer in found.entering} < set(shop["lost"])
    assert {customer.pk for customer in found.leaving} < set(shop["loyal"])
    save_rule(
        tree={"field": "frequency", "op": "<=", "value": 2}, name="Both", by=mara, segment=segment, version=1
    )
    assert ids(segment) == {*shop["new"], *shop["lost"]}
    assert RuleMember.objects.get(segment=segment, customer_id=shop["new"][0]).since == stayed.since
    details = AuditEntry.objects.filter(verb="segment.save_rule").latest("pk").details
    assert (details["before"], details["entered"], details["left"]) == ({"any": [OFTEN, ONCE]}, EACH, EACH)


def test_of_two_editors_the_second_looks_again(shop, mara):
    segment = save_rule(tree=OFTEN, name="Regulars", by=mara)
    save_rule(tree=ONCE, name="Regulars", by=mara, segment=segment, version=1)
    with pytest.raises(Refused, match="Somebody changed"):
        save_rule(tree=OFTEN, name="Regulars", by=mara, segment=segment, version=1)
    assert ids(segment) == set(shop["new"])


@pytest.mark.parametrize(
    ("name", "note", "field"),
    [(" ", "", "name"), ("x" * 81, "", "name"), ("a\nb", "", "name"), ("ok", "x" * 301, "note")],
)
def test_names_and_notes_are_checked(shop, mara, name, note, field):
    with pytest.raises(Refused) as refused:
        save_rule(tree=OFTEN, name=name, note=note, by=mara)
    assert refused.value.field == field


def test_two_segments_in_force_have_two_names(shop, mara):
    first = save_rule(tree=OFTEN, name="Regulars", by=mara)
    with pytest.raises(Refused, match="“Regulars” already") as refused:
        save_rule(tree=ONCE, name="REGULARS", by=mara)
    assert refused.value.field == "name"
    save_rule(tree=ONCE, name="Regulars", by=mara, segment=first)  # it may keep its own
    other = save_rule(tree=ONCE, name="Others", by=mara)
    with pytest.raises(Refused, match="already"):
        rename_segment(segment=other, name="regulars", by=mara)
    archive_rule(segment=first, by=mara)
    rename_segment(segment=other, name="regulars", by=mara)
    with pytest.raises(Refused, match="already"):
        restore_rule(segment=first, by=mara)


def test_who_may_look_may_not_save(shop, ines):
    assert preview_rule(tree=OFTEN, by=ines).size == EACH
    with pytest.raises(PermissionDenied):
        save_rule(tree=OFTEN, name="Regulars", by=ines)


def test_what_another_rule_needs_is_not_put_away(shop, mara):
    needed = save_rule(tree=OFTEN, name="Needed", by=mara)
    asking = save_rule(tree=in_segments(needed), name="Asking", by=mara)
    with pytest.raises(Refused, match="Asking"):
        archive_rule(segment=needed, by=mara)
    archive_rule(segment=asking, by=mara)
    archive_rule(segment=needed, by=mara)
    assert not Segment.objects.in_force().exists()
    with pytest.raises(Refused, match="“Needed” is archived"):
        restore_rule(segment=asking, by=mara)
    with pytest.raises(Refused, match="bring it back"):
        save_rule(tree=ONCE, name="Needed", by=mara, segment=needed)


def test_a_restored_segment_has_the_members_of_today(shop, mara):
    segment = save_rule(tree=OFTEN, name="Regulars", by=mara)
    archive_rule(segment=segment, by=mara)
    assert ids(segment) == set()
    Customer.objects.filter(pk__in=shop["loyal"][:3]).delete()
    restore_rule(segment=segment, by=mara)
    assert ids(segment) == set(shop["loyal"][3:])


def test_segments_found_by_a_method_can_be_in_a_rule_and_have_no_rule(shop, mara):
    refresh_segments(as_of=TODAY)
    champions = Segment.objects.get(method="kmeans", slug="champions")
    assert preview_rule(tree=in_segments(champions), by=mara).size == EACH
    with pytest.raises(Refused, match="no rule"):
        save_rule(tree=OFTEN, name="x", by=mara, segment=champions)
