"""Pages about other ways of grouping customers than the nightly ones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from profiles.datasets.features import BY_KEY, TOPICS, Feature, all_features
from segments.actions.groupings import FEWEST_BUYERS, plan_grouping, withdraw_grouping
from segments.actions.plans import count_buyers
from segments.models import GroupingPlan, Method, SegmentRun, SegmentSnapshot
from segments.presenters.groupings import feature_gaps, grouping_charts, grouping_finding

JOB = "segments.group"
USUAL = ["recency", "frequency", "monetary", "average_order_value", "tenure", "discount_share"]
MEANINGS = {
    Method.KMEANS: gettext_lazy(
        "Everybody belongs to the group whose average customer is most alike. The plainest choice."
    ),
    Method.MIXTURE: gettext_lazy(
        "Groups may be wide or narrow and overlap; each customer belongs to each with a probability."
    ),
    Method.FACTORS: gettext_lazy(
        "Features that rise and fall together count once, as a factor. For many features."
    ),
}


@staff_page("segments.view_segment")
def overview(request: StaffRequest) -> HttpResponse:
    """All groupings of staff, and the form for another one."""
    typed: dict[str, Any] = {"method": Method.KMEANS, "features": USUAL}
    error = None
    if request.method == "POST":
        typed = {
            "title": request.POST.get("title", ""),
            "method": request.POST.get("method", ""),
            "features": request.POST.getlist("features"),
            "groups": request.POST.get("groups", ""),
        }
        try:
            plan = plan_grouping(**typed | {"groups": _number(typed["groups"])}, by=request.user)
        except Refused as refusal:
            error = refusal
        else:
            start_job(name=JOB, by=request.user, key=str(plan.pk), arguments={"plan_id": plan.pk})
            return redirect("segments:grouping", pk=plan.pk)
    plans = list(GroupingPlan.objects.filter(active=True))
    return page(
        request,
        "segments/groupings.html",
        title=_("Group customers another way"),
        status=422 if error else 200,
        plans=[(plan, _groups(plan), _last_job(plan)) for plan in plans],
        typed=typed,
        error=error,
        numbers=range(2, 11),
        methods=[(method, method.label, MEANINGS[method]) for method in GroupingPlan.METHODS],
        topics=_by_topic(),
        needed=FEWEST_BUYERS,
        enough=count_buyers(FEWEST_BUYERS) == FEWEST_BUYERS,
    )


def _number(typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isdecimal():
        raise Refused(_("Choose between 2 and 10 groups, or leave the number to the data."), field="groups")
    return int(typed)


def _by_topic() -> list[tuple[str, list[Feature]]]:
    features = all_features()
    found = [
        (_(title), [feature for feature in features if feature.topic == topic])
        for topic, title in TOPICS.items()
    ]
    return [(title, some) for title, some in found if some]


def _last_job(plan: GroupingPlan) -> JobRun | None:
    return JobRun.objects.filter(name=JOB, key=str(plan.pk)).order_by("-created_at").first()


def _groups(plan: GroupingPlan) -> list[SegmentSnapshot]:
    return list(SegmentSnapshot.objects.in_force(plan.method, plan.topic))


@staff_page("segments.view_segment")
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """What a grouping found: the sentence, the pictures of its method, the groups."""
    plan = get_object_or_404(GroupingPlan, pk=pk)
    run, snapshots = SegmentRun.objects.published(plan.method, plan.topic), _groups(plan)
    return page(
        request,
        "segments/grouping.html",
        title=plan.title,
        plan=plan,
        run=run,
        snapshots=snapshots,
        job=_last_job(plan),
        features=[BY_KEY[key].title for key in plan.features],
        charts=grouping_charts(run, snapshots) if run else {},
        finding=grouping_finding(run, snapshots) if run else "",
        gaps=feature_gaps(run, plan) if run else [],
        meaning=MEANINGS[Method(plan.method)],
    )


@require_POST
@staff_page("segments.change_segment")
def again(request: StaffRequest, pk: int) -> HttpResponse:
    """Refresh a grouping; with `fresh`, find its groups anew."""
    plan = get_object_or_404(GroupingPlan, pk=pk)
    arguments = {"plan_id": plan.pk, "fresh": bool(request.POST.get("fresh"))}
    start_job(name=JOB, by=request.user, key=str(plan.pk), arguments=arguments)
    return redirect("segments:grouping", pk=pk)


@require_POST
@staff_page("segments.change_segment")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(GroupingPlan, pk=pk)
    withdraw_grouping(plan=plan, by=request.user)
    messages.success(request, _("“%s” is no longer refreshed or shown.") % plan.title)
    return redirect("segments:groupings")
