"""Who: groups of customers, one file a topic."""

from segments.models.drift import (
    Alarm,
    Drift,
    DriftCause,
    DriftReference,
    NewlyRecorded,
    StoredDistribution,
)
from segments.models.flows import Flow
from segments.models.groupings import GroupingPlan
from segments.models.learned import LearnedExample, LearnedPlan
from segments.models.names import NO_PURCHASE, SegmentName, SegmentSlug, Trait
from segments.models.portraits import BuyerSample, PortraitMap, ProductLift, ProductLifts, SegmentPortrait
from segments.models.profiles import CategoryShare, FeatureProfile, Profile
from segments.models.proposals import Descent, Lineage, Origin, Proposal
from segments.models.rules import Rule, RuleMember, RuleSize
from segments.models.run_contents import (
    BehaviourGroups,
    Certainty,
    CurvePoint,
    CustomerMap,
    Factors,
    FeatureBound,
    GroupLabel,
    GroupRule,
    Hysteresis,
    LearnedMetrics,
    Likeness,
    PlannedGroups,
    RunPicture,
    StoredEstimator,
    SurrogateRules,
)
from segments.models.runs import FeatureSnapshot, Membership, SegmentRun, SegmentSnapshot
from segments.models.segments import Method, Segment

__all__ = [
    "NO_PURCHASE",
    "Alarm",
    "BehaviourGroups",
    "BuyerSample",
    "CategoryShare",
    "Certainty",
    "CurvePoint",
    "CustomerMap",
    "Descent",
    "Drift",
    "DriftCause",
    "DriftReference",
    "Factors",
    "FeatureBound",
    "FeatureProfile",
    "FeatureSnapshot",
    "Flow",
    "GroupLabel",
    "GroupRule",
    "GroupingPlan",
    "Hysteresis",
    "LearnedExample",
    "LearnedMetrics",
    "LearnedPlan",
    "Likeness",
    "Lineage",
    "Membership",
    "Method",
    "NewlyRecorded",
    "Origin",
    "PlannedGroups",
    "PortraitMap",
    "ProductLift",
    "ProductLifts",
    "Profile",
    "Proposal",
    "Rule",
    "RuleMember",
    "RuleSize",
    "RunPicture",
    "Segment",
    "SegmentName",
    "SegmentPortrait",
    "SegmentRun",
    "SegmentSlug",
    "SegmentSnapshot",
    "StoredDistribution",
    "StoredEstimator",
    "SurrogateRules",
    "Trait",
]
