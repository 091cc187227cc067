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
from segments.models.methods import GroupingPlan, Learner, LearnerExample
from segments.models.portraits import SegmentPortrait
from segments.models.rules import Rule, RuleMember, RuleSize
from segments.models.stability import Flow, Proposal

__all__ = [
    "CustomerFeatures",
    "Flow",
    "GroupingPlan",
    "Learner",
    "LearnerExample",
    "Membership",
    "Method",
    "Proposal",
    "PublishedRun",
    "Rule",
    "RuleMember",
    "RuleSize",
    "Segment",
    "SegmentPortrait",
    "SegmentRun",
    "SegmentSnapshot",
]
