"""What a rule must be before it is evaluated or saved."""

from __future__ import annotations

import pytest
from django.utils import timezone

from backoffice.errors import Refused
from segments.actions.rules.checks import affordable, checked
from segments.actions.rules.drafts import preview_rule, rule_difference
from segments.actions.rules.saving import archive_rule, save_rule
from tests.segments.actions.rules.rules import OFTEN, in_segments


def test_a_segment_that_names_itself_is_refused(shop, mara):
    segment = save_rule(tree=OFTEN, name="Ring", by=mara)
    with pytest.raises(Refused, match="Ring → Ring"):
        save_rule(tree=in_segments(segment), name="Ring", by=mara, segment=segment)


def test_a_long_way_round_is_refused_too(shop, mara):
    first = save_rule(tree=OFTEN, name="One", by=mara)
    second = save_rule(tree=in_segments(first), name="Two", by=mara)
    third = save_rule(tree={"not": [in_segments(second)]}, name="Three", by=mara)
    with pytest.raises(Refused, match="One → Three → Two → One"):
        rule_difference(segment=first, tree={"any": [OFTEN, in_segments(third, op="not in")]}, by=mara)


def test_an_unknown_segment_is_refused(shop, mara):
    with pytest.raises(Refused, match="does not exist"):
        preview_rule(tree={"field": "segment", "op": "in", "value": [10**12]}, by=mara)


def test_an_archived_segment_is_refused_by_its_name(shop, mara):
    segment = save_rule(tree=OFTEN, name="Regulars", by=mara)
    archive_rule(segment=segment, by=mara)
    with pytest.raises(Refused, match="“Regulars” is archived"):
        checked(in_segments(segment))


def test_what_is_no_rule_is_refused(db):
    with pytest.raises(Refused):
        checked({"field": "no such field", "op": "=", "value": 1})


def test_a_sound_rule_becomes_a_statement(db):
    assert "SELECT" in affordable(checked(OFTEN), timezone.now()).select()
