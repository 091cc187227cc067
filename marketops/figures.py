"""The shop's figures on the home page. Adding them up reads every order, so a job does it and its result is
what the page shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from backoffice.models import JobRun
from campaigns.models import Campaign
from campaigns.presenters.results import results
from intake.models import FileImport
from shop.calendar import present, start_of_month, zone
from shop.currency import shop_currency
from shop.models import Customer, Event, Order, OrderQuerySet

JOB = "marketops.figures"
SPAN = timedelta(days=30)
MONTHS = 13  # so that a month can be compared with the same month of the year before


def add_up(*, now: datetime) -> dict[str, Any]:
    """Customers, orders and revenue up to `now`, as JSON values.

    Money is in the shop's currency (`shop.currency`, ISO code); orders in others are counted, not added;
    amounts are strings, exact. Revenue is the sum of the lines of paid orders, less cancellations and returns. `until` is
    where the last 30 days end: the shop's present (`shop.calendar`).
    """
    currency = shop_currency(now)
    counted = Order.objects.until(now).exclude(status=Order.Status.PENDING)
    orders = counted.filter(currency=currency)
    until = present(now)
    return {
        "currency": currency,
        "until": until.isoformat(),
        "customers": Customer.objects.filter(created_at__lt=now).count(),
        "orders": counted.filter(status=Order.Status.PAID).count(),
        "other_currencies": counted.exclude(currency=currency).count(),
        "revenue": str(_revenue(orders)),
        "revenue_last": str(_revenue(orders.filter(placed_at__gte=until - SPAN))),
        "revenue_before": str(
            _revenue(orders.filter(placed_at__gte=until - 2 * SPAN, placed_at__lt=until - SPAN))
        ),
        "months": _months(orders, until),
        "effects": _effects(),
    }


def _revenue(orders: OrderQuerySet) -> Decimal:
    return orders.aggregate(sum=Sum("lines__amount"))["sum"] or Decimal(0)


def _months(orders: OrderQuerySet, until: datetime) -> list[dict[str, Any]]:
    """[{month: "2026-11", revenue, orders}], oldest first, for the months that had orders."""
    since = start_of_month(until, back=MONTHS - 1)
    rows = (
        orders.filter(placed_at__gte=since)
        .annotate(month=TruncMonth("placed_at", tzinfo=zone()))
        .values("month")
        .annotate(revenue=Sum("lines__amount"), orders=Count("id", distinct=True))
        .order_by("month")
    )
    return [
        {"month": f"{row['month']:%Y-%m}", "revenue": float(row["revenue"] or 0), "orders": row["orders"]}
        for row in rows
    ]


def latest_campaigns() -> list[Campaign]:
    begun = Campaign.objects.filter(state__in=[Campaign.State.SENDING, Campaign.State.SENT])
    return list(begun.select_related("segment").order_by("-started_at")[:5])


def _effects() -> dict[str, dict[str, Any]]:
    """What the latest campaigns brought beyond their holdout, by id: {verdict, extra, low, high} in each
    one's currency."""
    effects: dict[str, dict[str, Any]] = {}
    for campaign in latest_campaigns():
        found = results(campaign)
        if found and found.verdict in {"early", "few"}:  # nothing to say in numbers yet
            effects[str(campaign.pk)] = {"verdict": found.verdict}
        elif found:
            numbers = {"extra": found.extra, "low": found.extra_low, "high": found.extra_high}
            effects[str(campaign.pk)] = {"verdict": found.verdict, **numbers}
    return effects


def latest() -> JobRun | None:
    """The run whose result is shown, or None before the first."""
    return JobRun.objects.filter(name=JOB, state=JobRun.State.SUCCEEDED).order_by("-created_at").first()


def outdated(run: JobRun | None) -> bool:
    """Whether facts came in that `run` cannot know: a first order, or an import that ended after it began."""
    if run is None:
        return Order.objects.exists()
    return FileImport.objects.filter(finished_at__gt=run.started_at or run.created_at).exists()


def is_empty_shop() -> bool:
    return not (Order.objects.exists() or Customer.objects.exists() or Event.objects.exists())
