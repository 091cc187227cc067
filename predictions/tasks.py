"""Doorbells of the predictions."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job


@job("predictions.refresh", title=_("Predict what customers will do"), at=time(3, 0))
def refresh(progress: Progress, **options: Any) -> dict[str, Any]:
    from predictions.actions.refresh import refresh_predictions  # late: the estimators take seconds to load

    runs = refresh_predictions(progress=progress, **options)
    return {str(run.get_kind_display()): run.customers for run in runs}
