"""The back office's lists in the admin, a topic a file; Django's autodiscovery imports this package."""

from backoffice.admin import api_keys, audit, roles, schedule, staff

__all__ = ["api_keys", "audit", "roles", "schedule", "staff"]
