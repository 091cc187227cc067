"""Active placements as arrays: what each returns, its bounds and what was spent on it lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from ads.algorithms.allocation import Floats
from ads.datasets.reports import PERIOD_DAYS, newest_report
from ads.models import AdReport, Placement
from shop.models import MoneyField


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


def placement_data(*, as_of: datetime, currency: str) -> PlacementData:
    """One query. The recent span ends with the newest report before `as_of`, so that late reports do not read
    as a pause."""
    rows = list(active_placements(as_of=as_of).filter(currency=currency))
    known = [row for row in rows if row.roas is not None]
    recent = [row.recent_spend for row in known]  # type: ignore[attr-defined]  # annotated
    return PlacementData(
        placements=known,
        incomplete=[row for row in rows if row.roas is None],
        returns=np.array([row.roas for row in known], float),
        conversions=np.array([row.conversions_per_unit for row in known], float),
        low=np.array([row.min_spend for row in known], float),
        high=np.array([np.inf if row.max_spend is None else row.max_spend for row in known], float),
        recent=np.array(recent, float),
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
