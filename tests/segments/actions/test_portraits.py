"""Portraits describe who is in a segment now."""

from __future__ import annotations

from segments.actions.portraits import update_portraits
from segments.actions.rules.catch_up import recount
from segments.actions.rules.saving import archive_rule, save_rule
from segments.models import SegmentPortrait
from tests.planted import EACH, TODAY

OFTEN = {"field": "frequency", "op": ">=", "value": 10}


def test_a_portrait_compares_the_members_with_everybody(planted, mara):
    recount()
    segment = save_rule(tree=OFTEN, name="Regulars", by=mara)
    assert update_portraits(as_of=TODAY) == 1
    portrait = SegmentPortrait.objects.get(segment=segment)
    frequency = portrait.profile.by_feature()["frequency"]
    assert (portrait.size, frequency.mean) == (EACH, 12)
    assert frequency.mean > frequency.overall
    assert len(portrait.picture.members.days) == EACH
    assert [row.category for row in portrait.profile.categories] == ["Drinks"]


def test_a_segment_out_of_force_loses_its_portrait(planted, mara):
    recount()
    segment = save_rule(tree=OFTEN, name="Regulars", by=mara)
    update_portraits(as_of=TODAY)
    archive_rule(segment=segment, by=mara)
    assert update_portraits(as_of=TODAY) == 0
    assert not SegmentPortrait.objects.exists()
