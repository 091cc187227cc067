"""Pages on which staff group customers another way."""

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
from backoffice.templatetags.formats import percent
from profiles.datasets.features import BY_KEY, TOPICS, Feature, all_features
from segments.actions.asking import buyers_found
from segments.actions.methods import FEWEST_BUYERS, plan_grouping, withdraw_plan
from segments.models import GroupingPlan, Method, SegmentRun, SegmentSnapshot
from segments.views.gallery import map_chart, shares_chart

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
    """All groupings that somebody asked for, and the form for another one."""
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
        methods=[(one, one.label, MEANINGS[one]) for one in GroupingPlan.METHODS],
        topics=_by_topic(),
        needed=FEWEST_BUYERS,
        enough=buyers_found(FEWEST_BUYERS) == FEWEST_BUYERS,
    )


def _number(typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isdecimal():
        raise Refused(_("Choose between 2 and 10 groups, or leave the number to the data."), field="groups")
    return int(typed)


def _by_topic() -> list[tuple[str, list[Feature]]]:
    features = all_features()
    found = [(_(title), [one for one in features if one.topic == topic]) for topic, title in TOPICS.items()]
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
        charts=_charts(run, snapshots) if run else {},
        finding=_finding(run, snapshots) if run else "",
        gaps=_gaps(run, plan) if run else [],
        meaning=MEANINGS[Method(plan.method)],
    )


def _finding(run: SegmentRun, snapshots: list[SegmentSnapshot]) -> str:
    best = snapshots[0]
    said = _("%(name)s are %(share)s of customers and %(revenue)s of customers' revenue.") % {
        "name": best.segment.short_name,
        "share": percent(best.share),
        "revenue": percent(best.revenue_share),
    }
    if "between" in run.picture:
        said += " " + _("%s of buyers lie between groups: no group is 80 %% sure to be theirs.") % percent(
            run.picture["between"]
        )
    return said


def _gaps(run: SegmentRun, plan: GroupingPlan) -> list[tuple[Any, Any, float]]:
    """(feature, counts, share of customers it had to be guessed for) of the features that were not known of
    everybody."""
    people = max(run.quality.get("people", 0), 1)
    gaps = {key: gap for key, gap in run.quality.get("gaps", {}).items() if key in plan.features}
    return [
        (BY_KEY[key].title, gap, (gap["missing"] + gap["unusable"]) / people) for key, gap in gaps.items()
    ]


def _charts(run: SegmentRun, snapshots: list[SegmentSnapshot]) -> dict[str, Any]:
    charts = {"shares": shares_chart(snapshots), "map": map_chart(run)}  # type: ignore[arg-type]  # a snapshot knows what a standing knows
    charts["shares"]["categories"] = [
        one.segment.short_name for one in snapshots
    ]  # the page says which grouping it is
    short = {one.segment.name: one.segment.short_name for one in snapshots}
    for series in charts["map"]["series"]:
        series["name"] = short[series["name"]]
    if "loadings" in run.picture:
        charts["loadings"] = _loadings(run)
    if "surest" in run.picture:
        charts["surest"] = _surest(run)
    if run.selection:
        charts["choice"] = _choice(run)
    return charts


def _loadings(run: SegmentRun) -> dict[str, Any]:
    factors = [" + ".join(str(BY_KEY[key].title) for key in named[:2]) for named in run.picture["factors"]]
    features = [str(BY_KEY[key].title) for key in run.picture["features"]]
    return {
        "columns": factors,
        "rows": features,
        "x": _("factor, named by its strongest features"),
        "y": "",
        "format": "ratio",
        "name": _("correlation"),
        "diverging": True,
        "narrow": True,
        "values": [
            [m, i, round(value, 2) + 0.0]
            for i, row in enumerate(run.picture["loadings"])
            for m, value in enumerate(row)
        ],
    }


def _surest(run: SegmentRun) -> dict[str, Any]:
    counts = run.picture["surest"]
    total = max(sum(counts), 1)
    first = next((i for i, count in enumerate(counts) if count), 0)
    return {
        "categories": [f"{percent(i / 10)} – {percent((i + 1) / 10)}" for i in range(first, 10)],
        "format": "percent",
        "y": _("share of buyers"),
        "x": _("probability of the likeliest group"),
        "sparse": True,
        "series": [
            {
                "name": _("customers"),
                "values": [count / total for count in counts[first:]],
                "colour": "#4F46E5",
            }
        ],
    }


def _choice(run: SegmentRun) -> dict[str, Any]:
    candidates = run.selection["candidates"]
    mark = {"x": run.selection["k"], "label": _("chosen")}
    if run.selection["criterion"] == "bic":
        curves, y, form = (
            [("bic", _("Bayesian information criterion"))],
            _("per customer; lower is better"),
            "number",
        )
    else:
        curves = [
            ("stability", _("stability")),
            ("silhouette", _("silhouette")),
            ("smallest_share", _("smallest group's share")),
        ]
        y, form = _("score from 0 to 1"), "ratio"
    return {
        "x": _("number of groups"),
        "y": y,
        "format": form,
        "integers": True,
        "mark": mark,
        "series": [
            {"name": name, "points": [[one["k"], round(one[key], 3)] for one in candidates]}
            for key, name in curves
        ],
    }


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
    withdraw_plan(plan=plan, by=request.user)
    messages.success(request, _("“%s” is no longer refreshed or shown.") % plan.title)
    return redirect("segments:groupings")
