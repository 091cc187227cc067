"""What the ad reports say about each placement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max

from ads.models import AdReport, Placement
from shop.calendar import day_of

PERIOD_DAYS = 30  # what a budget, a minimum, a maximum and recent spend are for
REPORT_DAYS = 90  # rates are measured over so many days


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


def newest_report(*, as_of: datetime) -> Any:
    """The day of the newest ad report until the shop's day of `as_of`, or that day where there is none."""
    today = day_of(as_of)
    return AdReport.objects.filter(day__lte=today).aggregate(last=Max("day"))["last"] or today


def report_facts(*, as_of: datetime) -> list[ReportFacts]:
    """What each platform charged and returned, in one SQL statement; of a placement billed in two currencies
    the main one counts."""
    last = newest_report(as_of=as_of)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH recent AS (
                SELECT *, sum(spend) OVER (
                    PARTITION BY platform, placement, currency ORDER BY day
                    RANGE BETWEEN %(before)s * interval '1 day' PRECEDING AND CURRENT ROW
                ) AS pace
                FROM {AdReport._meta.db_table} WHERE day <= %(last)s AND day > %(last)s - %(days)s
            )
            SELECT DISTINCT ON (platform, placement)
                platform, placement, currency,
                sum(impressions)::bigint, sum(clicks)::bigint, sum(conversions)::bigint,
                sum(spend), sum(revenue), max(pace),
                stddev_samp(spend / nullif(clicks, 0)) / nullif(avg(spend / nullif(clicks, 0)), 0),
                stddev_samp(spend / nullif(impressions, 0)) / nullif(avg(spend / nullif(impressions, 0)), 0),
                stddev_samp(spend / nullif(conversions, 0)) / nullif(avg(spend / nullif(conversions, 0)), 0)
            FROM recent GROUP BY platform, placement, currency HAVING sum(spend) > 0
            ORDER BY platform, placement, sum(spend) DESC
            """,  # noqa: S608 - the table's name comes from the model, every value is a parameter
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
