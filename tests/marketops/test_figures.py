"""The shop's figures, checked against sums worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backoffice.fields import to_json
from backoffice.models import JobRun
from marketops import figures
from marketops.figures import Month
from shop.models import Customer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_figures(sell):
    Customer.objects.create(external_id="1", created_at=NOW - timedelta(days=400))
    sell("100.25", 1)
    sell("40", 2, status="cancellation")
    sell("7", 2, status="pending")
    sell("50", 40)
    sell("1000", 40, currency="EUR")
    sell("9", 400)
    found = figures.add_up(now=NOW)
    assert (found.currency, found.customers, found.orders, found.other_currencies) == (
        "GBP",
        1,
        4,
        1,
    )
    assert [found.revenue_last, found.revenue_before, found.revenue] == [
        Decimal("60.25"),
        Decimal(50),
        Decimal("119.25"),
    ]
    assert list(found.months) == [Month("2026-10", 50.0, 1), Month("2026-11", 60.25, 2)]
    assert found.average_order_value == Decimal("100.25")
    assert found.change == pytest.approx(0.205)


def test_figures_do_not_know_the_future(sell):
    sell("100", 1)
    sell("900", -1)
    assert figures.add_up(now=NOW).revenue == 100


def test_a_quiet_shop_is_shown_as_it_was(sell):
    sell("100", 365)
    sell("50", 365 + 40)
    found = figures.add_up(now=NOW)
    assert found.revenue_last == 100
    assert f"{found.until:%Y-%m-%d}" == "2025-11-20"


def test_figures_of_nothing(db):
    found = figures.add_up(now=NOW)
    assert (found.customers, found.orders, found.months) == (0, 0, ())
    assert (found.change, found.average_order_value) == (None, None)


def test_what_the_job_stores_is_what_the_page_reads(sell):
    sell("100", 1)
    found = figures.add_up(now=NOW)
    run = JobRun.objects.create(name=figures.JOB, state="succeeded", result=to_json(found))
    assert figures.latest() == (run, found)


def test_a_result_of_another_form_is_added_up_anew(db):
    JobRun.objects.create(name=figures.JOB, state="succeeded", result={"revenue": "1"})
    assert figures.latest() is None
