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
from segments.models.methods import CustomFeature, GroupingPlan, Learner, LearnerExample
from segments.models.portraits import SegmentPortrait
from segments.models.predictions import Prediction, PredictionKind, PredictionRun, PublishedPrediction
from segments.models.rules import CountersRun, CustomerCounters, Rule, RuleMember, RuleSize
from segments.models.stability import Flow, Proposal

__all__ = [
    "CountersRun",
    "CustomFeature",
    "CustomerCounters",
    "CustomerFeatures",
    "Flow",
    "GroupingPlan",
    "Learner",
    "LearnerExample",
    "Membership",
    "Method",
    "Prediction",
    "PredictionKind",
    "PredictionRun",
    "Proposal",
    "PublishedPrediction",
    "PublishedRun",
    "Rule",
    "RuleMember",
    "RuleSize",
    "Segment",
    "SegmentPortrait",
    "SegmentRun",
    "SegmentSnapshot",
]
