"""Old runs lose their members, never their history."""

from __future__ import annotations

from datetime import timedelta

from segments.actions.refresh import refresh_segments
from segments.models import FeatureSnapshot, Membership, Method, SegmentSnapshot
from tests.planted import TODAY


def test_old_members_are_forgotten_and_history_stays(planted, monkeypatch):
    monkeypatch.setattr("segments.actions.pruning.RUNS_KEPT", 1)
    for day in range(3):
        refresh_segments(as_of=TODAY + timedelta(days=day))
    assert Membership.objects.filter(run__method=Method.KMEANS).values("run").distinct().count() == 1
    assert FeatureSnapshot.objects.values("run").distinct().count() == 1
    assert SegmentSnapshot.objects.filter(run__method=Method.KMEANS).values("run").distinct().count() == 3
