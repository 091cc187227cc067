"""What each customer is like, one file a topic."""

from profiles.models.counters import CountersRun, CustomerCounters
from profiles.models.features import CustomFeature, FeatureReview

__all__ = ["CountersRun", "CustomFeature", "CustomerCounters", "FeatureReview"]
