"""The routes of /api/v1/ that belong to segments, one file a topic."""

from segments.api import groups, methods, portraits, predictions, rules, stability

urlpatterns = [
    *rules.urlpatterns,
    *groups.urlpatterns,
    *portraits.urlpatterns,
    *predictions.urlpatterns,
    *methods.urlpatterns,
    *stability.urlpatterns,
]
