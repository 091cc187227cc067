"""The routes of /api/v1/ that belong to segments, one file a topic."""

from segments.api import groupings, learned, portraits, rules, segments, stability

urlpatterns = [
    *rules.urlpatterns,
    *segments.urlpatterns,
    *portraits.urlpatterns,
    *groupings.urlpatterns,
    *learned.urlpatterns,
    *stability.urlpatterns,
]
