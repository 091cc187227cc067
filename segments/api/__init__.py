"""The routes of /api/v1/ that belong to segments, one file a topic."""

from segments.api import groups, methods, predictions, rules

urlpatterns = [*rules.urlpatterns, *groups.urlpatterns, *predictions.urlpatterns, *methods.urlpatterns]
