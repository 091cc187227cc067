"""The nightly refresh."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job


@job("recommendations.refresh", title=_("Refresh recommendations"), at=time(2, 30))
def refresh_recommendations(progress: Progress) -> dict[str, Any]:
    from recommendations import actions  # late: what fits takes a second to load

    return actions.refresh_recommendations(progress=progress)
