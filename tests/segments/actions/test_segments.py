"""Naming segments, and their colours."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from segments.actions.refresh import refresh_segments
from segments.actions.segments import free_colour, rename_segment
from segments.colours import COLOURS
from segments.models import Method, Segment
from tests.factories import SegmentFactory
from tests.planted import TODAY


def test_renaming_is_audited_and_needs_the_right(planted, mara, ines):
    refresh_segments(as_of=TODAY)
    segment = Segment.objects.get(method=Method.KMEANS, slug="champions")
    rename_segment(segment=segment, name=" VIPs ", by=mara)
    assert Segment.objects.get(pk=segment.pk).name == "VIPs"
    assert AuditEntry.about(segment).get().details == {"before": "Champions", "after": "VIPs"}
    with pytest.raises(PermissionDenied):
        rename_segment(segment=segment, name="x", by=ines)


@pytest.mark.parametrize("name", ["x" * 81, "a\x00b"])
def test_a_name_that_cannot_be_stored_is_refused(planted, mara, name):
    refresh_segments(as_of=TODAY)
    with pytest.raises(Refused, match="at most 80"):
        rename_segment(segment=Segment.objects.earliest("pk"), name=name, by=mara)


@pytest.mark.django_db
def test_a_new_segment_gets_a_colour_that_no_other_has():
    for colour in COLOURS[:2]:
        SegmentFactory(colour=colour)
    assert free_colour(Segment.objects.all()) == COLOURS[2]
    for colour in COLOURS[2:]:
        SegmentFactory(colour=colour)
    assert free_colour(Segment.objects.all(), position=3) == COLOURS[3]
