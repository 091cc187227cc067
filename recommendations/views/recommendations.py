"""Pages about what each customer is offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import number, percent
from recommendations.datasets.offers import latest_purchases, offers_for
from recommendations.models import CustomerRecommendations, RecommendationRun
from shop.models import Customer, Order, Unprofiled

SHOWN = 6  # customers on the page, and products in each row
REFRESH = "recommendations.refresh"


@staff_page("recommendations.view_recommendationrun")
def overview(request: StaffRequest) -> HttpResponse:
    """How good the lists are, who gets one, and examples to judge by eye."""
    run = RecommendationRun.objects.published()
    search = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"run": run, "job": JobRun.objects.last_of(REFRESH), "search": search}
    context["has_orders"] = run is not None or Order.objects.exists()
    if run:
        context |= _portrait(run) | _examples(request, run, search)
    return page(request, "recommendations/overview.html", title=_("Recommendations"), **context)


def _portrait(run: RecommendationRun) -> dict[str, Any]:
    everybody = run.customers + run.fallback_customers
    return {
        "finding": _finding(run),
        "share": run.customers / everybody if everybody else None,
        "missing": _(run.evaluation["missing"]) if "missing" in run.evaluation else "",
        "chart": _chart(run.evaluation) if "methods" in run.evaluation else None,
        "metrics": _metrics(run.evaluation) if "methods" in run.evaluation else [],
        "popular": offers_for([0], SHOWN)[0],
        "runs": RecommendationRun.objects.all()[:10],
    }


def _finding(run: RecommendationRun) -> str:
    """The sentence of the page: are the personal lists worth having?"""
    if "methods" not in run.evaluation:
        return ""
    difference = run.evaluation["difference"]["recall"]
    if difference["high"] < 0:
        return _("The list of popular products still does better than the personal lists.")
    if difference["low"] <= 0:
        return _("The personal lists and the list of popular products do about equally well so far.")
    if run.evaluation["ratio"] is None:
        return _(
            "The personal lists find products people went on to buy; the list of popular products finds none."
        )
    times = number(run.evaluation["ratio"], 1)
    return _(
        "The personal lists find %(times)s times as many of the products people really bought next as the "
        "list of popular products."
    ) % {"times": times}


def _method_name(method: str) -> str:
    return _("personal lists") if method == "als" else _("popular products")


def _chart(evaluation: dict[str, Any]) -> dict[str, Any]:
    recall = {method: scores["recall"] for method, scores in evaluation["methods"].items()}
    return {
        "categories": [_method_name(method) for method in recall],
        "format": "percent",
        "horizontal": True,
        "x": _("share of what they bought next"),
        "title": _(
            "%(personal)s of what customers bought next stood on their personal list, %(popular)s on the "
            "popular one."
        )
        % {
            "personal": percent(recall["als"]["mean"]),
            "popular": percent(recall["popular"]["mean"]),
        },
        "colours": ["#4F46E5", "#9AA3B5"],
        "series": [{"name": _("found"), "values": [round(one["mean"], 4) for one in recall.values()]}],
        "intervals": [[round(one["low"], 4), round(one["high"], 4)] for one in recall.values()],
    }


def _metrics(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the comparison table: personal, popular, and the difference with its interval, as words."""
    k, methods = evaluation["k"], evaluation["methods"]
    names = {
        "found": (_("Products found, per customer"), _("how many of the %d offered were bought next") % k),
        "recall": (_("Recall@%d") % k, _("share of what was bought next that stood on the list")),
        "ndcg": (_("NDCG@%d") % k, _("the same, worth more the higher it stood")),
        "map": (_("MAP@%d") % k, _("average precision over the places of the found products")),
    }
    rows = []
    for key, (title, meaning) in names.items():
        form = (lambda value: number(value, 2)) if key == "found" else (lambda value: percent(value, 1))
        difference = evaluation["difference"][key]
        rows.append(
            {
                "title": title,
                "meaning": meaning,
                "als": form(methods["als"][key]["mean"]),
                "popular": form(methods["popular"][key]["mean"]),
                "difference": form(difference["mean"]),
                "interval": _("%(low)s to %(high)s")
                % {"low": form(difference["low"]), "high": form(difference["high"])},
            }
        )
    rows.append(
        {
            "title": _("Coverage"),
            "meaning": _("share of the catalogue that somebody is offered"),
            "als": percent(methods["als"]["coverage"], 1),
            "popular": percent(methods["popular"]["coverage"], 1),
        }
    )
    return rows


def _examples(request: StaffRequest, run: RecommendationRun, search: str) -> dict[str, Any]:
    """Customers with what they bought and are offered: those searched for, or the next few of very different
    tastes."""
    if search:
        return {"examples": _cards(list(Customer.objects.search(search).order_by("pk")[:SHOWN]))}
    turn = request.GET.get("turn", "")
    start = int(turn) * SHOWN % max(1, len(run.example_ids)) if turn.isdecimal() else 0
    chosen = run.example_ids[start : start + SHOWN]
    found = Customer.objects.in_bulk(chosen)
    next_turn = start // SHOWN + 1 if len(run.example_ids) > SHOWN else None
    return {"examples": _cards([found[pk] for pk in chosen if pk in found]), "next_turn": next_turn}


def _cards(customers: Sequence[Customer]) -> list[dict[str, Any]]:
    ids = [customer.pk for customer in customers]
    bought = latest_purchases(ids, SHOWN, as_of=timezone.now())
    offers = offers_for(ids, SHOWN)
    personal = set(
        CustomerRecommendations.objects.in_force().filter(customer__in=ids).values_list("customer", flat=True)
    )
    return [
        {
            "customer": customer,
            "bought": bought[customer.pk],
            "offers": offers[customer.pk],
            "personal": customer.pk in personal,
        }
        for customer in customers
    ]


@staff_page("recommendations.view_recommendationrun")
def customer_panel(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment of the customer page: what this customer is offered, and why."""
    customer = get_object_or_404(Customer, pk=pk)
    return render(
        request,
        "recommendations/customer_panel.html",
        {
            "run": RecommendationRun.objects.published(),
            "offers": offers_for([customer.pk], SHOWN)[customer.pk],
            "personal": CustomerRecommendations.objects.in_force().filter(customer=customer).exists(),
            "said_no": Unprofiled.objects.filter(customer=customer).exists(),
        },
    )
