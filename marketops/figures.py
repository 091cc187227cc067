"""The shop's figures on the home page. Adding them up reads every order, so a job does it and its result is
what the page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from backoffice.fields import StoredJSONError, from_json
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


@dataclass(frozen=True)
class Month:
    """A month that had orders: "2026-11", its revenue and how many orders."""

    month: str
    revenue: float
    orders: int


@dataclass(frozen=True)
class IncrementalRevenue:
    """What a campaign earned beyond its holdout, in its own currency, with its interval; None where the
    verdict says that it is too early or that too few people were held out."""

    verdict: str
    revenue: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Figures:
    """The shop's totals. Money is in `currency`, the shop's own; orders in others are counted in
    `other_currencies`, not added.

    Revenue is the sum of the lines of paid orders, less cancellations and returns; `sales_last` leaves those
    in, so that `sales_last / orders_last` is the average order value. `until` is where the last 30 days end:
    the shop's present (`shop.calendar`). `campaigns`: by the campaign's key.
    """

    currency: str
    until: datetime
    customers: int
    orders: int
    other_currencies: int
    revenue: Decimal
    revenue_last: Decimal
    revenue_before: Decimal
    sales_last: Decimal
    orders_last: int
    months: tuple[Month, ...]
    campaigns: dict[int, IncrementalRevenue]

    @property
    def since(self) -> datetime:
        """Where the last 30 days begin."""
        return self.until - SPAN

    @property
    def change(self) -> float | None:
        """Of revenue against the 30 days before: 0.1 is 10 % more; None without revenue to compare with."""
        return float(self.revenue_last / self.revenue_before) - 1 if self.revenue_before > 0 else None

    @property
    def average_order_value(self) -> Decimal | None:
        return self.sales_last / self.orders_last if self.orders_last else None


def add_up(*, now: datetime) -> Figures:
    """The figures of everything known at `now`."""
    currency = shop_currency(now)
    counted = Order.objects.until(now).exclude(status=Order.Status.PENDING)
    orders = counted.filter(currency=currency)
    until = present(now)
    last = orders.filter(placed_at__gte=until - SPAN)
    return Figures(
        currency=currency,
        until=until,
        customers=Customer.objects.filter(created_at__lt=now).count(),
        orders=counted.sales().count(),
        other_currencies=counted.exclude(currency=currency).count(),
        revenue=_revenue(orders),
        revenue_last=_revenue(last),
        revenue_before=_revenue(orders.filter(placed_at__gte=until - 2 * SPAN, placed_at__lt=until - SPAN)),
        sales_last=_revenue(last.sales()),
        orders_last=last.sales().count(),
        months=_months(orders, until),
        campaigns=_incremental_revenue(),
    )


def _revenue(orders: OrderQuerySet) -> Decimal:
    return orders.aggregate(sum=Sum("lines__amount"))["sum"] or Decimal(0)


def _months(orders: OrderQuerySet, until: datetime) -> tuple[Month, ...]:
    """The months up to `until` that had orders, oldest first."""
    since = start_of_month(until, back=MONTHS - 1)
    rows = (
        orders.filter(placed_at__gte=since)
        .annotate(month=TruncMonth("placed_at", tzinfo=zone()))
        .values("month")
        .annotate(revenue=Sum("lines__amount"), orders=Count("id", distinct=True))
        .order_by("month")
    )
    return tuple(Month(f"{row['month']:%Y-%m}", float(row["revenue"] or 0), row["orders"]) for row in rows)


def latest_campaigns() -> list[Campaign]:
    begun = Campaign.objects.filter(state__in=[Campaign.State.SENDING, Campaign.State.SENT])
    return list(begun.select_related("segment").order_by("-started_at")[:5])


def _incremental_revenue() -> dict[int, IncrementalRevenue]:
    """Of the latest campaigns that have a holdout."""
    measured: dict[int, IncrementalRevenue] = {}
    for campaign in latest_campaigns():
        found = results(campaign)
        if found and found.verdict in {"early", "few"}:  # nothing to say in numbers yet
            measured[campaign.pk] = IncrementalRevenue(found.verdict)
        elif found:
            measured[campaign.pk] = IncrementalRevenue(
                found.verdict, found.incremental_revenue, found.incremental_low, found.incremental_high
            )
    return measured


def latest() -> tuple[JobRun, Figures] | None:
    """The run whose result is shown, with its figures; None before the first, or where the latest is of a
    form that an earlier version wrote."""
    run = JobRun.objects.filter(name=JOB, state=JobRun.State.SUCCEEDED).order_by("-created_at").first()
    if run is None:
        return None
    try:
        return run, from_json(Figures, run.result)
    except StoredJSONError:
        return None


def outdated(run: JobRun | None) -> bool:
    """Whether facts have arrived that `run` cannot know: a first order, or an import that ended after it
    began."""
    if run is None:
        return Order.objects.exists()
    return FileImport.objects.filter(finished_at__gt=run.started_at or run.created_at).exists()


def is_empty_shop() -> bool:
    return not (Order.objects.exists() or Customer.objects.exists() or Event.objects.exists())
