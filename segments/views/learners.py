"""Pages of segments that are learned from examples."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from backoffice.templatetags.formats import number, percent
from profiles.datasets.features import BY_KEY
from segments.actions.learning import plan_learner, withdraw_learner
from segments.algorithms.learning import FEWEST
from segments.models import Learner, Method, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.standing import standings
from segments.presenters.surrogates import rule_in_words
from shop.models import Customer

JOB = "segments.learn"
NEEDED = 2 * FEWEST  # examples, and as many others


@staff_page("segments.view_segment")
def overview(request: StaffRequest) -> HttpResponse:
    """All learned segments, and the form for another one; ?segment= asks for more like that segment."""
    typed: dict[str, Any] = {
        "source": "segment" if request.GET.get("segment") else "list",
        "segment": request.GET.get("segment", ""),
        "estimator": Learner.Estimator.FOREST,
        "by": "size",
        "size": "500",
        "precision": "60",
    }
    error = None
    if request.method == "POST":
        typed = request.POST.dict()
        try:
            learner = plan_learner(**_wish(typed), by=request.user)
        except Refused as refusal:
            error = refusal
        else:
            start_job(name=JOB, by=request.user, key=str(learner.pk), arguments={"learner_id": learner.pk})
            return redirect("segments:learner", pk=learner.pk)
    learners = list(Learner.objects.filter(active=True))
    return page(
        request,
        "segments/learners.html",
        title=_("Segments learned from examples"),
        status=422 if error else 200,
        typed=typed,
        learners=[(one, _snapshot(one), _last_job(one)) for one in learners],
        error=error,
        sources=Learner.Source.choices,
        estimators=Learner.Estimator.choices,
        segments=[one.segment for one in standings()],
        needed=NEEDED,
        enough=Customer.objects.all()[:NEEDED].count() == NEEDED,
    )


def _wish(typed: dict[str, Any]) -> dict[str, Any]:
    by_size = typed.get("by", "size") == "size"
    source = typed.get("source", "")
    chosen = typed.get("segment", "") if source == Learner.Source.SEGMENT else ""
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


def _last_job(learner: Learner) -> JobRun | None:
    return JobRun.objects.filter(name=JOB, key=str(learner.pk)).order_by("-created_at").first()


def _snapshot(learner: Learner) -> SegmentSnapshot | None:
    return SegmentSnapshot.objects.in_force(Method.LEARNED, learner.topic).first()


@staff_page("segments.view_segment")
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """What was learned: how sure it is, what it goes by, who was found."""
    learner = get_object_or_404(Learner.objects.select_related("segment"), pk=pk)
    run, snapshot = SegmentRun.objects.published(Method.LEARNED, learner.topic), _snapshot(learner)
    told = rule_in_words(run, 1) if run else None
    return page(
        request,
        "segments/learner.html",
        title=learner.title,
        learner=learner,
        run=run,
        snapshot=snapshot,
        job=_last_job(learner),
        finding=_finding(run, snapshot) if run and snapshot else "",
        charts=_charts(run) if run else {},
        remarks=_remarks(learner, run) if run else [],
        rule=told.conditions if told else [],
        fidelity=run.estimator["surrogate"]["fidelity"] if run else 0,
    )


def _finding(run: SegmentRun, snapshot: SegmentSnapshot) -> str:
    if not run.selection["promises"]:
        return ngettext(
            "%(size)s customer is most like the %(examples)s examples without being among them.",
            "%(size)s customers are most like the %(examples)s examples without being among them.",
            snapshot.size,
        ) % {"size": number(snapshot.size), "examples": number(run.selection["examples"])}
    return ngettext(
        "%(size)s customer is most like the %(examples)s examples: of customers that look like this one, "
        "%(precision)s were "
        "examples when it was tried, where %(base)s would be chance.",
        "%(size)s customers are most like the %(examples)s examples: of customers that look like these, "
        "%(precision)s were "
        "examples when it was tried, where %(base)s would be chance.",
        snapshot.size,
    ) % {
        "size": number(snapshot.size),
        "examples": number(run.selection["examples"]),
        "precision": percent(run.selection["precision"]),
        "base": percent(run.selection["base"], 1),
    }


def _remarks(learner: Learner, run: SegmentRun) -> list[str]:
    """What the AUC does not say: examples that do not count, and what the grouping of the examples was made
    of."""
    said = []
    examples = run.selection["examples"]
    if (missing := run.selection.get("named", examples) - examples) > 0:
        said.append(
            ngettext(
                "%(n)s example does not count: somebody who said no to personalisation, a second record of "
                "the same person, or one who "
                "was not yet a customer at the moment that is learned from.",
                "%(n)s examples do not count: people who said no to personalisation, second records of the "
                "same person, or some who "
                "were not yet customers at the moment that is learned from.",
                missing,
            )
            % {"n": number(missing)}
        )
    if learner.precision:
        said.append(
            _("As many as are right in %s of cases together: the next ones would be right less often.")
            % percent(learner.precision)
        )
    if left_out := run.selection.get("left_out"):
        said.append(
            _("Left out, because the rule of the examples asks about it or is given away by it: %s.")
            % ", ".join(str(BY_KEY[key].title) for key in left_out)
        )
    elif learner.segment and learner.segment.method != Method.RULE:
        said.append(
            _(
                "The examples were grouped by these features: a nearly perfect ranking has learned the "
                "grouping again."
            )
        )
    return said


def _charts(run: SegmentRun) -> dict[str, Any]:
    weighty = sorted(run.estimator["importance"].items(), key=lambda item: -item[1])[:10]
    return {
        "importance": {
            "categories": [str(BY_KEY[key].title) for key, _loss in weighty],
            "format": "number",
            "horizontal": True,
            "x": _("what the ranking loses without it (points of AUC)"),
            "series": [
                {
                    "name": _("importance"),
                    "values": [round(100 * loss, 2) for _key, loss in weighty],
                    "colour": "#4F46E5",
                }
            ],
        },
        "curve": {
            "x": _("best-ranked customers, %"),
            "y": _("share that were examples"),
            "format": "percent",
            "series": [
                {
                    "name": _("learned ranking"),
                    "points": [[100 * x, y] for x, y in run.selection["curve"]],
                    "colour": "#4F46E5",
                },
                {
                    "name": _("chance"),
                    "points": [
                        [100 * x, round(run.selection["base"], 4)] for x, _y in run.selection["curve"]
                    ],
                    "colour": "#9AA3B5",
                    "dashed": True,
                },
            ],
        },
    }


@require_POST
@staff_page("segments.change_segment")
def again(request: StaffRequest, pk: int) -> HttpResponse:
    learner = get_object_or_404(Learner, pk=pk)
    start_job(name=JOB, by=request.user, key=str(learner.pk), arguments={"learner_id": learner.pk})
    return redirect("segments:learner", pk=pk)


@require_POST
@staff_page("segments.change_segment")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    learner = get_object_or_404(Learner, pk=pk)
    withdraw_learner(learner=learner, by=request.user)
    messages.success(request, _("“%s” is no longer refreshed or shown.") % learner.title)
    return redirect("segments:learners")
