"""The page about how stable the nightly groups are: drift, the number of groups, proposals."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from segments.actions.behaviour import KS
from segments.actions.proposals import DECIDE, choose_number_of_groups
from segments.algorithms.drift import SHIFTED
from segments.models import Method, Proposal, SegmentRun
from segments.presenters.drift import drift_rows, newly_recorded, sentences
from segments.presenters.number_of_groups import (
    chosen_by_person,
    criteria_chart,
    how_chosen,
    inertia_chart,
)

REFRESH = "segments.refresh"


@staff_page("segments.view_segment")
def overview(request: StaffRequest) -> HttpResponse:
    """Generation, drift and its alarms, how many groups, and proposals."""
    run = SegmentRun.objects.published(Method.KMEANS)
    context: dict[str, Any] = {
        "run": run,
        "proposals": Proposal.objects.select_related("run", "decided_by")[:20],
    }
    if run and run.number_of_groups:
        chosen = run.number_of_groups
        context |= {
            "alarms": sentences(run),
            "recorded": newly_recorded(run),
            "drift": drift_rows(run.drift) if run.drift else [],
            "shifted": SHIFTED,
            "wanted": run.groups_wanted,
            "ks": KS,
            "choice": criteria_chart(chosen, mark=_("in force")),
            "groups": chosen.k,
            "inertias": inertia_chart(chosen),
            "how": how_chosen(chosen),
            "by_person": chosen_by_person(chosen, run.groups_wanted),
            "stable": chosen.best.eligible,
            "history": AuditEntry.objects.filter(verb="generation.choose_k").select_related("by")[:5],
        }
    return page(request, "segments/stability.html", title=_("Stability of the groups"), **context)


@require_POST
@staff_page(DECIDE)
def choose_number(request: StaffRequest) -> HttpResponse:
    """Keep the number and look for groups anew: the result is a proposal."""
    typed = request.POST.get("k", "")
    choose_number_of_groups(k=int(typed) if typed.isdecimal() else None, by=request.user)
    run = start_job(name=REFRESH, by=request.user, arguments={"fresh": True})
    return redirect("backoffice:job-run", pk=run.pk)
