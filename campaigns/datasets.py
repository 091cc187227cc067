"""Tables -> arrays for planning the advertising budget. Every function takes `as_of`: later reports do not
exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Max, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from campaigns.algorithms.allocation import Floats
from campaigns.models import Placement
from shop.models import AdReport, MoneyField

PERIOD_DAYS = (
    30  # a budget is spent within so many days; minimums, maximums and recent spend are for the same span
)
REPORT_DAYS = 90  # rates are measured over so many days


@dataclass(frozen=True)
class PlacementData:
    """The active placements of one currency whose return is known, and arrays of shape (placements,).

    returns, conversions: per unit of money. low, high: hard bounds for PERIOD_DAYS, infinity where there is
    no maximum. recent: the money that the reports of the last PERIOD_DAYS show. incomplete: placements left
    out for want of a rate.
    """

    placements: list[Placement]
    incomplete: list[Placement]
    returns: Floats
    conversions: Floats
    low: Floats
    high: Floats
    recent: Floats


@dataclass(frozen=True)
class ReportFacts:
    """One placement in the ad reports of the last REPORT_DAYS: sums, money in `currency`.

    best_pace: the most spent within PERIOD_DAYS. unsteady_*: the coefficient of variation, day by day, of the
    price of a click, an impression, a conversion (None where too few days have any): the steadiest is what
    the platform charges for.
    """

    platform: str
    placement: str
    currency: str
    impressions: int
    clicks: int
    conversions: int
    spend: Decimal
    revenue: Decimal
    best_pace: Decimal
    unsteady_click: float | None
    unsteady_impression: float | None
    unsteady_conversion: float | None


def placement_data(*, as_of: datetime, currency: str) -> PlacementData:
    """One query. The recent span ends with the newest report before `as_of`, so that late reports do not read
    as a pause."""
    rows = list(active_placements(as_of=as_of).filter(currency=currency))
    known = [row for row in rows if row.return_per_unit is not None]
    return PlacementData(
        placements=known,
        incomplete=[row for row in rows if row.return_per_unit is None],
        returns=np.array([row.return_per_unit for row in known], float),
        conversions=np.array([row.conversions_per_unit for row in known], float),
        low=np.array([row.min_spend for row in known], float),
        high=np.array([np.inf if row.max_spend is None else row.max_spend for row in known], float),
        recent=np.array([row.recent_spend for row in known], float),  # type: ignore[attr-defined]  # annotated
    )


def active_placements(*, as_of: datetime) -> Any:
    """Active placements with `recent_spend`: what the reports of their last PERIOD_DAYS say was spent in
    their currency."""
    last = newest_report(as_of=as_of)
    reports = AdReport.objects.filter(
        platform=OuterRef("platform"),
        placement=OuterRef("name"),
        currency=OuterRef("currency"),
        day__lte=last,
        day__gt=last - timedelta(days=PERIOD_DAYS),
    )
    spent = reports.order_by().values("platform").annotate(total=Sum("spend")).values("total")
    return Placement.objects.filter(active=True).annotate(
        recent_spend=Coalesce(Subquery(spent), Decimal(0), output_field=MoneyField())
    )


def newest_report(*, as_of: datetime) -> Any:
    """The day of the newest ad report before `as_of`, or that day itself where there is none."""
    return AdReport.objects.filter(day__lte=as_of.date()).aggregate(last=Max("day"))["last"] or as_of.date()


def report_facts(*, as_of: datetime) -> list[ReportFacts]:
    """What each platform charged and brought, one SQL statement; a placement billed in two currencies counts
    the main one."""
    last = newest_report(as_of=as_of)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH recent AS (
                SELECT *, sum(spend) OVER (
                    PARTITION BY platform, placement, currency ORDER BY day
                    RANGE BETWEEN %(before)s * interval '1 day' PRECEDING AND CURRENT ROW
                ) AS pace
                FROM shop_adreport WHERE day <= %(last)s AND day > %(last)s - %(days)s
            )
            SELECT DISTINCT ON (platform, placement)
                platform, placement, currency,
                sum(impressions)::bigint, sum(clicks)::bigint, sum(conversions)::bigint, sum(spend), sum(revenue), max(pace),
                stddev_samp(spend / nullif(clicks, 0)) / nullif(avg(spend / nullif(clicks, 0)), 0),
                stddev_samp(spend / nullif(impressions, 0)) / nullif(avg(spend / nullif(impressions, 0)), 0),
                stddev_samp(spend / nullif(conversions, 0)) / nullif(avg(spend / nullif(conversions, 0)), 0)
            FROM recent GROUP BY platform, placement, currency HAVING sum(spend) > 0
            ORDER BY platform, placement, sum(spend) DESC
            """,
            {"last": last, "before": PERIOD_DAYS - 1, "days": REPORT_DAYS},
        )
        return [ReportFacts(*row) for row in cursor.fetchall()]


def history(*, as_of: datetime, placement: Placement, days: int = REPORT_DAYS) -> list[Any]:
    """Spend, revenue and conversions by day of one placement, oldest first."""
    last = newest_report(as_of=as_of)
    return list(
        AdReport.objects.filter(
            platform=placement.platform,
            placement=placement.name,
            currency=placement.currency,
            day__lte=last,
            day__gt=last - timedelta(days=days),
        )
        .order_by("day")
        .values("day", "impressions", "clicks", "conversions", "spend", "revenue")
    )
