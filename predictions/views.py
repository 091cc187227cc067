"""Pages about what customers will do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from backoffice.actions import record
from backoffice.exports import csv_response
from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import number
from predictions.cards import CHANCE
from predictions.models import Prediction, PredictionKind, PredictionRun
from predictions.presenters.charts import charts
from predictions.presenters.fairness import compared_groups, verdict
from predictions.presenters.limits import limits
from predictions.presenters.reasons import reasons
from predictions.presenters.refusals import absent, refusal
from predictions.presenters.summaries import category, headline, in_words, meaning, method_name
from shop.models import Order, Unprofiled

JOB = "predictions.refresh"
CUSTOMERS_A_PAGE = 20
RUNS_SHOWN = 10


@staff_page("predictions.view_predictionrun")
def overview(request: StaffRequest) -> HttpResponse:
    """A card for each prediction in force: what it adds up to, and how far to trust it."""
    found = {run.kind: run for run in PredictionRun.objects.in_force()}
    runs = [found[kind] for kind in PredictionKind.values if kind in found]
    job = JobRun.objects.last_of(JOB)
    computing = bool(job and job.is_active)
    cards = [
        {
            "run": run,
            "meaning": meaning(run),
            "refusal": refusal(run),
            "champion": method_name(run.champion),
            "headline": headline(run),
        }
        for run in runs
    ]
    return page(
        request,
        "predictions/overview.html",
        title=_("Predictions"),
        cards=cards,
        job=job,
        newest=max(runs, key=lambda run: run.created_at, default=None),
        has_orders=bool(runs) or Order.objects.exists(),
        finding=_finding(found),
        absent=[
            (kind.label, absent(kind, computing=computing)) for kind in PredictionKind if kind not in found
        ],
    )


def _finding(found: dict[str, PredictionRun]) -> str:
    """The sentence of the page."""
    run = found.get(PredictionKind.BUYS_30)
    if run is None:
        return ""
    return _("About %(buyers)s of %(customers)s customers will order within 30 days.") % {
        "buyers": number(run.card.total),
        "customers": number(run.customers),
    }


def _run(kind: str) -> PredictionRun:
    run = PredictionRun.objects.published(kind)
    if run is None:
        raise Http404
    return run


@staff_page("predictions.view_predictionrun")
def detail(request: StaffRequest, kind: str) -> HttpResponse:
    """One prediction: methods compared, pictures of the test, limits, and the customers by their value."""
    run = _run(kind)
    lowest = request.GET.get("order") == "lowest"
    groups = compared_groups(run)
    return page(
        request,
        "predictions/detail.html",
        title=run.get_kind_display(),
        run=run,
        meaning=meaning(run),
        refusal=refusal(run),
        headline=headline(run),
        champion=method_name(run.champion),
        charts=charts(run),
        rows=_candidates(run),
        groups=groups,
        alike=verdict(groups),
        ranked=any(group.auc is not None for group in groups),
        limits=limits(run),
        lowest=lowest,
        windows=_windows(run),
        money_methods=_money_methods(run),
        customers=_customers(request, run, lowest),
        earlier=PredictionRun.objects.filter(kind=kind)[:RUNS_SHOWN],
    )


def _candidates(run: PredictionRun) -> list[dict[str, Any]]:
    return [
        {
            "metrics": row,
            "title": method_name(row.name),
            "in_force": not run.refused and row.name == run.champion,
            "by_chance": row.auc is not None and min(row.interval) <= CHANCE,
        }
        for row in run.card.candidates
    ]


def _money_methods(run: PredictionRun) -> list[dict[str, Any]]:
    return [
        {
            "method": method,
            "title": method_name(method.name),
            "in_force": not run.refused and method.name == run.champion,
            "doubt": method.doubt,
        }
        for method in (run.card.lifetime.methods if run.card.lifetime else ())
    ]


def _windows(run: PredictionRun) -> list[dict[str, Any]]:
    return [{"day": datetime.fromisoformat(window.as_of), "summary": window} for window in run.card.windows]


class _Counted(Paginator):  # type: ignore[type-arg]  # no generic at run time
    """A run knows how many it wrote: nobody has to count a million rows for one page."""

    def __init__(self, rows: QuerySet[Prediction], known: int) -> None:
        super().__init__(rows, CUSTOMERS_A_PAGE)
        self.known = known

    @cached_property
    def count(self) -> int:
        return self.known


def _by_value(run: PredictionRun, lowest: bool) -> QuerySet[Prediction]:
    return Prediction.objects.filter(run=run).order_by(
        *(("value", "customer") if lowest else ("-value", "-customer"))
    )


def _customers(request: StaffRequest, run: PredictionRun, lowest: bool) -> Any:
    shown = _Counted(_by_value(run, lowest).select_related("customer"), run.customers).get_page(
        request.GET.get("page")
    )
    for prediction in shown:
        prediction.run = run
        text = in_words(run, prediction.value, prediction.choice)
        prediction.shown = text  # type: ignore[attr-defined]  # for the template
        prediction.why = reasons(prediction)  # type: ignore[attr-defined]  # for the template
    return shown


@staff_page("predictions.view_predictionrun")
def export(request: StaffRequest, kind: str) -> StreamingHttpResponse:
    """Everybody with their value, highest first: customer numbers only, so that the file holds no personal
    data."""
    run = _run(kind)
    record(by=request.user, verb="prediction.export", about=run, customers=run.customers)
    head = [
        "customer_id",
        "currency" if run.currency else "category" if kind == PredictionKind.CATEGORY else "",
        "value",
    ]
    return csv_response(f"prediction-{kind}.csv", [name for name in head if name], _rows(run))


def _rows(run: PredictionRun) -> Iterator[list[Any]]:
    stored = (
        _by_value(run, lowest=False)
        .values_list("customer__external_id", "choice", "value")
        .iterator(chunk_size=5000)
    )
    for customer, choice, value in stored:
        middle = run.currency or category(run, choice)
        yield [customer, middle, round(value, 4)] if middle else [customer, round(value, 4)]


@staff_page("predictions.view_predictionrun")
def customer_panel(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment of the customer page: what this customer will probably do, and why."""
    order = list(PredictionKind.values)
    found = sorted(
        Prediction.objects.in_force().filter(customer_id=pk),
        key=lambda prediction: order.index(prediction.run.kind),
    )
    rows = [
        {
            "run": prediction.run,
            "shown": in_words(prediction.run, prediction.value, prediction.choice),
            "why": reasons(prediction, most=3),
            "refusal": refusal(prediction.run),
            "width": None if prediction.run.currency else round(100 * prediction.value),
        }
        for prediction in found
    ]
    return render(
        request,
        "predictions/customer_panel.html",
        {
            "rows": rows,
            "opted_out": Unprofiled.objects.filter(customer=pk).exists(),
        },
    )
