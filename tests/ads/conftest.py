"""Placements, ad reports and a partner tool."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ads.models import AdReport, Placement
from backoffice.models import ApiKey


def placement(name: str, value: float, low: int = 0, high: int | None = None, **more: object) -> Placement:
    """One unit of money buys one conversion worth `value`."""
    return Placement.objects.create(
        **{
            "name": name,
            "platform": "Search",
            "pricing": "cpa",
            "price": 1,
            "currency": "GBP",
            "conversion_value": value,
            "min_spend": low,
            "max_spend": high,
            **more,
        }
    )


@pytest.fixture
def three_ads():
    return [placement("A", 3, 100, 400), placement("B", 2, 100, 500), placement("C", 4, 100, 300)]


def report(
    name: str,
    days: int,
    spend: float,
    *,
    platform="Search",
    clicks=100,
    conversions=5,
    value=12,
    currency="GBP",
):
    today = timezone.now().date()
    AdReport.objects.bulk_create(
        AdReport(
            day=today - timedelta(days=day),
            platform=platform,
            placement=name,
            impressions=clicks * 50,
            clicks=clicks,
            conversions=conversions,
            spend=Decimal(str(spend)),
            revenue=conversions * value,
            currency=currency,
        )
        for day in range(1, days + 1)
    )


@pytest.fixture
def api(mara):
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client
