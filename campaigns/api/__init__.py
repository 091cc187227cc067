"""The routes of /api/v1/ that belong to campaigns, one file a topic."""

urlpatterns: list = []
