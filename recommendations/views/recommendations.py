"""Pages about what each customer is offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from recommendations.datasets.purchases import latest_purchases
from recommendations.models import RecommendationRun
from recommendations.presenters.evaluation import finding, method_rows, recall_chart
from recommendations.presenters.left_out import left_out_reasons, why_popular
from recommendations.presenters.methods import method_title
from recommendations.serving import popular_offers, serve
from shop.calendar import present
from shop.models import Customer, Order

SHOWN_CUSTOMERS = SHOWN_PRODUCTS = 6
SHOWN_RUNS = 10
JOB = "recommendations.refresh"


@staff_page("recommendations.view_recommendationrun")
def overview(request: StaffRequest) -> HttpResponse:
    """How good the lists are, who gets one, and examples to judge by eye."""
    run = RecommendationRun.objects.published()
    search = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"run": run, "job": JobRun.objects.last_of(JOB), "search": search}
    context["has_orders"] = run is not None or Order.objects.exists()
    if run:
        context |= _quality(run) | _examples(request, run, search)
    return page(request, "recommendations/overview.html", title=_("Recommendations"), **context)


def _quality(run: RecommendationRun) -> dict[str, Any]:
    everybody = run.customers + run.fallback_customers
    comparison, missing = run.evaluation.comparison, run.evaluation.missing
    return {
        "method": method_title(run.method),
        "share": run.customers / everybody if everybody else None,
        "missing": _(missing) if missing else "",
        "comparison": comparison,
        "finding": finding(comparison) if comparison else "",
        "chart": recall_chart(comparison) if comparison else None,
        "methods": method_rows(comparison) if comparison else [],
        "left_out": left_out_reasons(run),
        "popular": popular_offers(SHOWN_PRODUCTS),
        "runs": [(row, method_title(row.method)) for row in RecommendationRun.objects.all()[:SHOWN_RUNS]],
    }


def _examples(request: StaffRequest, run: RecommendationRun, search: str) -> dict[str, Any]:
    """Customers with what they bought and are offered: those searched for, or the next few with very
    different lists."""
    if search:
        found = Customer.objects.search(search).order_by("pk")[:SHOWN_CUSTOMERS]
        return {"examples": _cards(run, list(found))}
    turn = request.GET.get("turn", "")
    start = int(turn) * SHOWN_CUSTOMERS % max(1, len(run.example_ids)) if turn.isdecimal() else 0
    chosen = run.example_ids[start : start + SHOWN_CUSTOMERS]
    customers = Customer.objects.in_bulk(chosen)
    next_turn = start // SHOWN_CUSTOMERS + 1 if len(run.example_ids) > SHOWN_CUSTOMERS else None
    return {
        "examples": _cards(run, [customers[pk] for pk in chosen if pk in customers]),
        "next_turn": next_turn,
    }


def _cards(run: RecommendationRun, customers: Sequence[Customer]) -> list[dict[str, Any]]:
    ids = [customer.pk for customer in customers]
    bought = latest_purchases(ids, SHOWN_PRODUCTS, as_of=present())
    served = serve(ids, SHOWN_PRODUCTS)
    reasons = why_popular(run, [pk for pk in ids if not served[pk].personal])
    return [
        {
            "customer": customer,
            "bought": bought[customer.pk],
            "offers": served[customer.pk].offers,
            "why_popular": reasons.get(customer.pk, ""),
        }
        for customer in customers
    ]


@staff_page("recommendations.view_recommendationrun")
def customer_panel(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment of the customer page: what this customer is offered, and why."""
    customer = get_object_or_404(Customer, pk=pk)
    run = RecommendationRun.objects.published()
    served = serve([customer.pk], SHOWN_PRODUCTS)[customer.pk]
    reasons = why_popular(run, [customer.pk]) if run and not served.personal else {}
    return render(
        request,
        "recommendations/customer_panel.html",
        {
            "run": run,
            "customer": customer,
            "offers": served.offers,
            "why_popular": reasons.get(customer.pk, ""),
        },
    )
