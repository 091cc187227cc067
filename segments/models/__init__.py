"""Who: groups of customers, one file a topic."""

from segments.models.groups import (
    CustomerFeatures,
    Membership,
    Method,
    PublishedRun,
    Segment,
    SegmentRun,
    SegmentSnapshot,
)

__all__ = ["CustomerFeatures", "Membership", "Method", "PublishedRun", "Segment", "SegmentRun", "SegmentSnapshot"]
