"""The routes of /api/v1/ that belong to segments, one file a topic."""

from segments.api import compare, drift, flows, groupings, learned, portraits, proposals, rules, segments

urlpatterns = [
    *rules.urlpatterns,
    *segments.urlpatterns,
    *portraits.urlpatterns,
    *compare.urlpatterns,
    *groupings.urlpatterns,
    *learned.urlpatterns,
    *flows.urlpatterns,
    *drift.urlpatterns,
    *proposals.urlpatterns,
]
