"""Tasks of the recommendations."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job

# Actions are imported late: the libraries that fit take a second to load.


@job("recommendations.refresh", title=_("Refresh recommendations"), at=time(2, 30))
def refresh_recommendations(progress: Progress) -> dict[str, Any]:
    from recommendations.actions import refresh

    return refresh.refresh_recommendations(progress=progress)


@job("recommendations.market_baskets", title=_("Update market baskets"), at=time(3, 50))
def find_market_baskets(progress: Progress) -> dict[str, Any]:
    from recommendations.actions import market_baskets

    run = market_baskets.find_market_baskets(progress=progress)
    return {"rules": run.rules.count(), "baskets": run.baskets}
