"""What the reports say of each placement, as of a day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ads.datasets.reports import history, newest_report, report_facts
from tests.ads.conftest import placement, report

pytestmark = pytest.mark.django_db


def test_sums_best_month_and_how_steady_each_price_is() -> None:
    report("A", 40, 50, clicks=100, conversions=10)
    (fact,) = report_facts(as_of=timezone.now())
    assert (fact.platform, fact.placement, fact.clicks, fact.spend) == ("Search", "A", 4000, Decimal(2000))
    assert fact.best_pace == 1500  # 30 days of 50
    assert fact.unsteady_click == pytest.approx(0)


def test_later_reports_do_not_exist() -> None:
    report("A", 10, 50)
    before = timezone.now() - timedelta(days=5)
    (fact,) = report_facts(as_of=before)
    assert fact.spend == 300  # of the days 10 to 5
    assert newest_report(as_of=before) == before.date()
    assert len(history(as_of=before, placement=placement("A", 3))) == 6


def test_without_reports_there_are_no_facts() -> None:
    now = timezone.now()
    assert report_facts(as_of=now) == []
    assert newest_report(as_of=now) == now.date()
