"""Keeping placements: by hand, and from the ad reports."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction

from ads.algorithms.amounts import as_decimal, whole_coins
from ads.algorithms.rates import shrunk_ratio, shrunk_value
from ads.datasets.reports import ReportFacts, report_facts
from ads.models import Placement
from backoffice.actions import record
from backoffice.errors import require
from backoffice.models import User
from shop.calendar import present

HEADROOM = Decimal("1.5")  # a derived maximum: this times the best recent month
STEADY = 0.05  # a price that varies less than this from day to day is the one that is charged


@transaction.atomic
def save_placement(*, by: User, placement: Placement) -> Placement:
    """Add or change a placement. From now on its figures are staff's: ad reports no longer overwrite them."""
    require(by, "ads.change_placement")
    placement.by_hand = True
    placement.save()
    record(
        by=by,
        verb="placement.save",
        about=placement,
        pricing=placement.pricing,
        price=str(placement.price),
        currency=placement.currency,
        value=str(placement.conversion_value),
    )
    return placement


@transaction.atomic
def archive_placement(*, by: User, placement: Placement, archived: bool = True) -> Placement:
    """Take a placement out of future plans, or back in; past plans keep it."""
    require(by, "ads.change_placement")
    placement.active = not archived
    placement.save(update_fields=["active"])
    record(by=by, verb="placement.archive" if archived else "placement.restore", about=placement)
    return placement


@transaction.atomic
def placements_from_reports(*, by: User | None = None, as_of: datetime | None = None) -> dict[str, int]:
    """Derive placements from the ad reports of the last 90 days, and refresh those that staff did not touch.

    Returns how many were added, refreshed and kept as staff entered them. `by=None` is the scheduler.
    """
    if by is not None:
        require(by, "ads.change_placement")
    facts = report_facts(as_of=as_of or present())
    there = {(p.platform, p.name): p for p in Placement.objects.select_for_update()}
    kept = {key for key, placement in there.items() if placement.by_hand}
    fresh = [p for p in _derive(facts) if (p.platform, p.name) not in kept]
    Placement.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["platform", "name"],
        update_fields=[
            "pricing",
            "price",
            "currency",
            "click_rate",
            "conversion_rate",
            "conversion_value",
            "max_spend",
        ],
    )
    added = sum((p.platform, p.name) not in there for p in fresh)
    counts = {"added": added, "refreshed": len(fresh) - added, "kept": len(facts) - len(fresh)}
    for placement in fresh:
        record(
            by=by,
            verb="placement.derive",
            about=placement,
            price=str(placement.price),
            currency=placement.currency,
        )
    return counts


def _derive(facts: list[ReportFacts]) -> list[Placement]:
    """Placements as the reports show them; those whose platform never had a conversion have no conversion
    rate."""
    if not facts:
        return []
    platforms = sorted({(fact.platform, fact.currency) for fact in facts})
    group = np.array([platforms.index((fact.platform, fact.currency)) for fact in facts])
    impressions, clicks, conversions, revenue = (
        np.array([getattr(fact, name) for fact in facts], float)
        for name in ("impressions", "clicks", "conversions", "revenue")
    )
    click_rate, conversion_rate = (
        shrunk_ratio(clicks, impressions, group),
        shrunk_ratio(conversions, clicks, group),
    )
    value = shrunk_value(revenue, conversions, group)
    return [
        Placement(
            platform=fact.platform,
            name=fact.placement,
            currency=fact.currency,
            **_pricing(fact),
            click_rate=_rate(click_rate[i]),
            conversion_rate=_rate(conversion_rate[i]),
            conversion_value=as_decimal(value[i]),
            max_spend=whole_coins(HEADROOM * fact.best_pace, fact.currency),
        )
        for i, fact in enumerate(facts)
    ]


def _pricing(fact: ReportFacts) -> dict[str, Any]:
    """How the platform charges: by what has the steadiest price; a click where nothing is steady."""
    prices = {
        Placement.Pricing.CPC: (fact.unsteady_click, fact.clicks),
        Placement.Pricing.CPM: (fact.unsteady_impression, fact.impressions / 1000),
        Placement.Pricing.CPA: (fact.unsteady_conversion, fact.conversions),
    }
    steady = {
        kind: varies
        for kind, (varies, count) in prices.items()
        if varies is not None and varies < STEADY and count
    }
    kind = (
        min(steady, key=lambda pricing: steady[pricing])
        if steady
        else (Placement.Pricing.CPC if fact.clicks else Placement.Pricing.CPM)
    )
    price = float(fact.spend) / max(float(prices[kind][1]), 1.0)
    return {"pricing": kind, "price": max(as_decimal(price), Decimal("0.0001"))}


def _rate(value: float) -> float | None:
    return float(min(value, 1.0)) if np.isfinite(value) else None
