"""Rules that the tests of this folder save."""

from __future__ import annotations

from typing import Any

from segments.models import Segment

OFTEN = {"field": "frequency", "op": ">=", "value": 10}
ONCE = {"field": "frequency", "op": "=", "value": 1}


def in_segments(*segments: Segment, op: str = "in") -> dict[str, Any]:
    """The rule for who is in one of `segments`."""
    return {"field": "segment", "op": op, "value": [segment.pk for segment in segments]}
