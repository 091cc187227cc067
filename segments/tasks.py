"""Tasks of the segments."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from backoffice.jobs import Progress, job
from backoffice.queueing import picked_up
from segments.actions import groupings, learned
from segments.actions.portraits import update_portraits as update
from segments.actions.refresh import refresh_segments as refresh
from segments.actions.rules.catch_up import catch_up as apply_arrivals
from segments.actions.rules.catch_up import recount as recount_everybody
from segments.actions.rules.evaluation import re_evaluate_rules
from segments.actions.starter_segments import ensure_starter_segments
from segments.models import Proposal


@job("segments.refresh", title=_("Group the customers"), at=time(2, 0))
def refresh_segments(progress: Progress, **options: Any) -> dict[str, Any]:
    runs = refresh(progress=progress, **options)
    ensure_starter_segments()
    alarms = sum(len(run.drift.alarms) for run in runs if run.drift)
    sizes = {str(run.get_method_display()): run.customers for run in runs}
    return sizes | {"drift_alarms": alarms, "proposals": Proposal.objects.pending().count()}


@shared_task(name="segments.catch_up")
def catch_up() -> None:
    picked_up("segments.catch_up")
    apply_arrivals()


@job("segments.recount", title=_("Count what customers did"), at=time(1, 30))
def recount(progress: Progress) -> dict[str, int]:
    counted = recount_everybody(progress=progress)
    ensure_starter_segments()
    return counted


@job(
    "segments.re_evaluate_rules",
    title=_("Re-evaluate rules"),
    queue="maintenance",
    every=timedelta(minutes=10),
)
def re_evaluate(progress: Progress) -> dict[str, int]:
    return re_evaluate_rules(progress=progress)


@job("segments.portraits", title=_("Update segment profiles"), at=time(2, 40))
def update_portraits(progress: Progress, **options: Any) -> dict[str, int]:
    return {"segments": update(progress=progress, **options)}


@job("segments.group", title=_("Group the customers another way"), listed=False)
def group(progress: Progress, **options: Any) -> dict[str, Any]:
    run = groupings.group_customers(progress=progress, **options)
    return {run.topic: run.customers}


@job("segments.group_all", title=_("Refresh the other groupings"), at=time(2, 20))
def group_all(progress: Progress) -> dict[str, Any]:
    return groupings.group_all(progress=progress)


@job("segments.learn", title=_("Learn a segment from examples"), listed=False)
def learn(progress: Progress, **options: Any) -> dict[str, Any]:
    run = learned.learn_segment(progress=progress, **options)
    return {run.topic: run.customers}


@job("segments.learn_all", title=_("Refresh the learned segments"), at=time(3, 30))
def learn_all(progress: Progress) -> dict[str, Any]:
    return learned.learn_all(progress=progress)
