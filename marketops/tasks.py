"""The doorbell of the home page's figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job
from marketops import figures


@job(figures.JOB, title=_("Add up the figures of the home page"), queue="quick", every=timedelta(hours=1))
def add_up_figures(progress: Progress) -> dict[str, Any]:
    return figures.add_up(as_of=timezone.now())
