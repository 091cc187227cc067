"""Tasks of the segments."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job
from backoffice.queueing import picked_up
from segments.actions import learning, membership, methods
from segments.actions.named import ensure_named_segments
from segments.actions.portraits import draw_portraits as draw
from segments.actions.refresh import refresh_segments as refresh
from segments.models import Proposal


@job("segments.refresh", title=_("Group the customers"), at=time(2, 0))
def refresh_segments(progress: Progress, **options: Any) -> dict[str, Any]:
    runs = refresh(progress=progress, **options)
    ensure_named_segments()
    alarms = sum(len(run.drift.get("alarms", [])) for run in runs)
    sizes = {str(run.get_method_display()): run.customers for run in runs}
    return sizes | {"drift_alarms": alarms, "proposals": Proposal.objects.pending().count()}


@shared_task(name="segments.catch_up")
def catch_up() -> None:
    picked_up("segments.catch_up")
    membership.catch_up()


@job("segments.recount", title=_("Count what customers did"), at=time(1, 30))
def recount(progress: Progress) -> dict[str, int]:
    counted = membership.recount(progress=progress)
    ensure_named_segments()
    return counted


@job(
    "segments.ask_rules",
    title=_("Ask the rules of segments again"),
    queue="maintenance",
    every=timedelta(minutes=10),
)
def ask_rules(progress: Progress) -> dict[str, int]:
    return membership.evaluate_rules(progress=progress)


@job("segments.portraits", title=_("Draw portraits of segments"), at=time(2, 40))
def draw_portraits(progress: Progress, **options: Any) -> dict[str, int]:
    return {"segments": draw(progress=progress, **options)}


@job("segments.group", title=_("Group the customers another way"), listed=False)
def group(progress: Progress, **options: Any) -> dict[str, Any]:
    run = methods.group_customers(progress=progress, **options)
    return {run.topic: run.customers}


@job("segments.group_all", title=_("Refresh the other groupings"), at=time(2, 20))
def group_all(progress: Progress) -> dict[str, Any]:
    return methods.group_all(progress=progress)


@job("segments.learn", title=_("Learn a segment from examples"), listed=False)
def learn(progress: Progress, **options: Any) -> dict[str, Any]:
    run = learning.learn_segment(progress=progress, **options)
    return {run.topic: run.customers}


@job("segments.learn_all", title=_("Refresh the learned segments"), at=time(3, 30))
def learn_all(progress: Progress) -> dict[str, Any]:
    return learning.learn_all(progress=progress)
