"""What is offered to whom, one file a topic."""

from recommendations.models.market_baskets import AssociationRule, AssociationRun
from recommendations.models.recommendations import CustomerRecommendations, PublishedRun, RecommendationRun

__all__ = [
    "AssociationRule",
    "AssociationRun",
    "CustomerRecommendations",
    "PublishedRun",
    "RecommendationRun",
]
