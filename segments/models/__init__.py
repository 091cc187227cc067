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
from segments.models.predictions import Prediction, PredictionKind, PredictionRun, PublishedPrediction
from segments.models.rules import CountersRun, CustomerCounters, Rule, RuleMember, RuleSize

__all__ = [
    "CustomFeature", "CustomerFeatures", "GroupingPlan", "Learner", "LearnerExample", "Membership", "Method", "Prediction",
    "PredictionKind", "PredictionRun", "PublishedPrediction", "PublishedRun", "Rule", "RuleMember", "RuleSize", "Segment",
    "SegmentRun", "SegmentSnapshot",
]
