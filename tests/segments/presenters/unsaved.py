"""Segments, runs and snapshots that no database knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from segments.models import Method, Profile, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.summaries import SegmentSummary

AS_OF = datetime(2026, 6, 1, 12, tzinfo=UTC)


def segment(name: str, *, pk: int = 1, method: str = Method.KMEANS, colour: str = "#0072B2") -> Segment:
    return Segment(pk=pk, method=method, slug=name.lower(), name_key=name, colour=colour)


def run(**fields: Any) -> SegmentRun:
    return SegmentRun(**{"method": Method.KMEANS, "as_of": AS_OF, "currency": "GBP"} | fields)


def snapshot(of: Segment, *, position: int = 0, **fields: Any) -> SegmentSnapshot:
    figures = {"size": 100, "share": 0.25, "revenue": 5000, "revenue_share": 0.5, "profile": Profile()}
    return SegmentSnapshot(segment=of, position=position, **figures | fields)


def summary(of: Segment, **fields: Any) -> SegmentSummary:
    figures = {"size": 100, "share": 0.25, "revenue": 5000, "revenue_share": 0.5, "currency": "GBP"}
    return SegmentSummary(segment=of, as_of=AS_OF, **figures | fields)
