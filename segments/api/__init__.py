"""The routes of /api/v1/ that belong to segments, one file a topic."""

from segments.api import groups, methods, portraits, rules, stability

urlpatterns = [
    *rules.urlpatterns,
    *groups.urlpatterns,
    *portraits.urlpatterns,
    *methods.urlpatterns,
    *stability.urlpatterns,
]
