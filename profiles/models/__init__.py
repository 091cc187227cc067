"""What each customer is like, one file a topic."""

from profiles.models.counters import CountersUpdate, CustomerCounters
from profiles.models.features import CustomFeature, FeatureReview

__all__ = ["CountersUpdate", "CustomFeature", "CustomerCounters", "FeatureReview"]
