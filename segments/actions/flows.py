"""Counting who moved from which group to which, from run to run."""

from __future__ import annotations

from django.db import connection

from segments.datasets.flows import MOVES
from segments.models import SegmentRun

COUNT_FLOWS = f"""
INSERT INTO segments_flow (before_id, after_id, origin_id, destination_id, customers)
SELECT %(before)s, %(after)s, origin, destination, customers FROM ({MOVES}) moves
ON CONFLICT DO NOTHING
"""  # noqa: S608 - a text of the floor below


def count_flows(before: SegmentRun, after: SegmentRun) -> None:
    """Count who moved from which group of `before` to which of `after`, in one statement, and store it
    (`Flow`). Both runs must still have their members. Counting a pair again changes nothing: runs are
    immutable."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_FLOWS, {"before": before.pk, "after": after.pk})
