"""A run is written whole and put in force last."""

from __future__ import annotations

import pytest

from segments.actions.refresh import refresh_segments
from segments.models import SegmentRun
from tests.planted import TODAY
from tests.segments.groups import groups


def test_a_crash_leaves_the_old_run_in_force(planted, monkeypatch):
    refresh_segments(as_of=TODAY)
    before = groups()
    monkeypatch.setattr(SegmentRun, "publish", lambda run: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        refresh_segments(as_of=TODAY)
    assert groups() == before
    assert SegmentRun.objects.count() == 2
