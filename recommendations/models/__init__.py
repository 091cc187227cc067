"""What is offered to whom, one file a topic."""

from recommendations.models.evaluation import Comparison, Evaluation
from recommendations.models.market_baskets import AssociationRule, MarketBasketRun
from recommendations.models.recommendations import (
    NO_REASON,
    CustomerRecommendations,
    LeftOut,
    ListedProduct,
    RecommendationRun,
)

__all__ = [
    "NO_REASON",
    "AssociationRule",
    "Comparison",
    "CustomerRecommendations",
    "Evaluation",
    "LeftOut",
    "ListedProduct",
    "MarketBasketRun",
    "RecommendationRun",
]
