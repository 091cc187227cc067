"""Tasks of ads."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from ads.actions.budget_plans import refresh_plan
from backoffice.jobs import Progress, job


@job("ads.plan_budget", title=_("Plan the advertising budget"), at=time(3, 0))
def plan_budget(progress: Progress) -> dict[str, Any]:
    return refresh_plan(progress=progress)
