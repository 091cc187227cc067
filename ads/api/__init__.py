"""The routes of /api/v1/ that belong to ads, one file a topic."""

from ads.api import budget_plans, placements

urlpatterns = [*placements.urlpatterns, *budget_plans.urlpatterns]
