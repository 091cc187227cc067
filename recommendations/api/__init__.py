"""Recommendations for partner tools, one file a topic."""

from recommendations.api import market_baskets, recommendations

urlpatterns = [*recommendations.urlpatterns, *market_baskets.urlpatterns]
