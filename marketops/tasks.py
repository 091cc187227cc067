"""Tasks of the home page: its figures, and the demo shop for an empty installation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.fields import to_json
from backoffice.jobs import Progress, job
from marketops import figures
from shop.actions.demo.seeding import seed_demo
from shop.tasks import start_first_refresh

DEMO_JOB = "marketops.load_demo"


@job(figures.JOB, title=_("Update the figures of the home page"), queue="quick", every=timedelta(hours=1))
def add_up_figures(progress: Progress) -> dict[str, Any]:
    return to_json(figures.add_up(now=timezone.now()))


@job(DEMO_JOB, title=_("Load the demo shop"), queue="import", listed=False)
def load_demo(progress: Progress) -> dict[str, Any]:
    written = seed_demo(progress=progress)
    start_first_refresh()
    return written
