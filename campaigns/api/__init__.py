"""The routes of /api/v1/ that belong to campaigns, one file a topic."""

from campaigns.api import campaigns, messages

urlpatterns = [*campaigns.urlpatterns, *messages.urlpatterns]
