"""Pages of segments that are learned from examples."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from segments.actions.learned import plan_learned_segment, withdraw_learned_segment
from segments.algorithms.learned import FEWEST
from segments.models import LearnedPlan, Method, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.learned import learned_charts, learned_finding, remarks
from segments.presenters.summaries import summaries
from segments.presenters.surrogate import rule_in_words
from shop.models import Customer

JOB = "segments.learn"
NEEDED = 2 * FEWEST  # examples, and as many others


@staff_page("segments.view_segment")
def overview(request: StaffRequest) -> HttpResponse:
    """All learned segments, and the form for another one; ?segment= for more like that segment."""
    typed: dict[str, Any] = {
        "source": "segment" if request.GET.get("segment") else "list",
        "segment": request.GET.get("segment", ""),
        "estimator": LearnedPlan.Estimator.FOREST,
        "by": "size",
        "size": "500",
        "precision": "60",
    }
    error = None
    if request.method == "POST":
        typed = request.POST.dict()
        try:
            plan = plan_learned_segment(**_submitted(typed), by=request.user)
        except Refused as refusal:
            error = refusal
        else:
            start_job(name=JOB, by=request.user, key=str(plan.pk), arguments={"plan_id": plan.pk})
            return redirect("segments:learned-plan", pk=plan.pk)
    plans = list(LearnedPlan.objects.filter(active=True))
    return page(
        request,
        "segments/learned.html",
        title=_("Segments learned from examples"),
        status=422 if error else 200,
        typed=typed,
        plans=[(plan, _snapshot(plan), _last_job(plan)) for plan in plans],
        error=error,
        sources=LearnedPlan.Source.choices,
        estimators=LearnedPlan.Estimator.choices,
        segments=[summary.segment for summary in summaries()],
        needed=NEEDED,
        enough=Customer.objects.all()[:NEEDED].count() == NEEDED,
    )


def _submitted(typed: dict[str, Any]) -> dict[str, Any]:
    by_size = typed.get("by", "size") == "size"
    source = typed.get("source", "")
    chosen = typed.get("segment", "") if source == LearnedPlan.Source.SEGMENT else ""
    return {
        "title": typed.get("title", ""),
        "source": source,
        "estimator": typed.get("estimator", ""),
        "numbers": typed.get("numbers", ""),
        "with_examples": bool(typed.get("with_examples")),
        "segment": Segment.objects.filter(pk=chosen).first() if chosen.isdecimal() else None,
        "size": _whole(typed.get("size", ""), "size") if by_size else None,
        "precision": None if by_size else _whole(typed.get("precision", ""), "precision") / 100,
    }


def _whole(typed: str, field: str) -> int:
    if not typed.strip().isdecimal():
        raise Refused(_("A whole number, please."), field=field)
    return int(typed)


def _last_job(plan: LearnedPlan) -> JobRun | None:
    return JobRun.objects.filter(name=JOB, key=str(plan.pk)).order_by("-created_at").first()


def _snapshot(plan: LearnedPlan) -> SegmentSnapshot | None:
    return SegmentSnapshot.objects.in_force(Method.LEARNED, plan.topic).first()


@staff_page("segments.view_segment")
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """What was learned: how sure it is, what it goes by, who was found."""
    plan = get_object_or_404(LearnedPlan.objects.select_related("segment"), pk=pk)
    run, snapshot = SegmentRun.objects.published(Method.LEARNED, plan.topic), _snapshot(plan)
    context: dict[str, Any] = {}
    if run and run.learned and run.estimator.likeness and run.estimator.surrogate:
        rule = rule_in_words(run, 1)
        context = {
            "finding": learned_finding(run.learned, snapshot.size) if snapshot else "",
            "charts": learned_charts(run.learned, run.estimator.likeness),
            "remarks": remarks(plan, run.learned),
            "rule": rule.conditions if rule else [],
            "fidelity": run.estimator.surrogate.fidelity,
        }
    return page(
        request,
        "segments/learned_plan.html",
        title=plan.title,
        plan=plan,
        run=run,
        snapshot=snapshot,
        job=_last_job(plan),
        **context,
    )


@require_POST
@staff_page("segments.change_segment")
def again(request: StaffRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(LearnedPlan, pk=pk)
    start_job(name=JOB, by=request.user, key=str(plan.pk), arguments={"plan_id": plan.pk})
    return redirect("segments:learned-plan", pk=pk)


@require_POST
@staff_page("segments.change_segment")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(LearnedPlan, pk=pk)
    withdraw_learned_segment(plan=plan, by=request.user)
    messages.success(request, _("“%s” is no longer refreshed or shown.") % plan.title)
    return redirect("segments:learned")
