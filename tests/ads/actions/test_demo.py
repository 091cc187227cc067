"""Ad reports of the demo shop."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Max, Min, Sum

from ads.actions.demo import write_ad_reports
from ads.models import AdReport

pytestmark = pytest.mark.django_db
UNTIL = datetime(2026, 3, 1, 12, tzinfo=UTC)


def written(**arguments: Any) -> list[Any]:
    AdReport.objects.all().delete()
    write_ad_reports(**{"seed": 1, "language": "en", "currency": "GBP", "until": UNTIL, **arguments})
    return list(
        AdReport.objects.order_by("day", "platform", "placement").values_list("day", "spend", "revenue")
    )


def test_eight_placements_a_day_until_yesterday() -> None:
    written()
    assert AdReport.objects.values("platform", "placement").distinct().count() == 8
    assert AdReport.objects.aggregate(first=Min("day"), last=Max("day")) == {
        "first": date(2025, 12, 1),
        "last": date(2026, 2, 28),
    }


def test_the_same_arguments_write_the_same_rows() -> None:
    assert written() == written()
    assert written() != written(seed=2)


def test_amounts_are_in_the_currency_of_the_shop() -> None:
    written()
    pounds = AdReport.objects.aggregate(sum=Sum("spend"))["sum"]
    written(language="zh-hans", currency="CNY")
    assert AdReport.objects.filter(platform="抖音", currency="CNY").exists()
    assert AdReport.objects.aggregate(sum=Sum("spend"))["sum"] > 5 * pounds


def test_they_come_and_go_with_the_demo_shop() -> None:
    call_command("seed_demo", "--customers", "20", verbosity=0)
    assert AdReport.objects.exists()
    call_command("seed_demo", "--remove", "--yes", verbosity=0)
    assert not AdReport.objects.exists()
