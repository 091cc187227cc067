"""Doorbells of the segments."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job
from segments.actions.refresh import refresh_segments as refresh


@job("segments.refresh", title=_("Group the customers"), at=time(2, 0))
def refresh_segments(progress: Progress, **options: Any) -> dict[str, Any]:
    runs = refresh(progress=progress, **options)
    return {str(run.get_method_display()): run.customers for run in runs}
