"""The routes of /api/v1/ that belong to campaigns, one file a topic."""

from campaigns.api import budgets, campaigns, messages

urlpatterns = [*budgets.urlpatterns, *campaigns.urlpatterns, *messages.urlpatterns]
