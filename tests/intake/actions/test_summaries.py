"""The figures of an import's result page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from intake.actions import consolidation, summaries
from intake.actions.facts.staging import (
    CHANGED_CUSTOMERS,
    CUSTOMERS,
    LINES,
    ORDERS,
    WRITTEN_ORDERS,
    StagedTables,
)
from intake.actions.summaries import SUMMARIES, Written
from intake.importers.registry import IMPORTERS
from intake.models import CustomersFigures, MonthRevenue
from shop.models import Customer
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staged() -> Any:
    tables = StagedTables([*consolidation.FILE_SHAPES, summaries.KNOWN_EMAILS])
    tables.create()
    yield tables
    tables.drop()


def test_every_importer_has_a_summary() -> None:
    assert SUMMARIES.keys() == {importer.name for importer in IMPORTERS}


def test_revenue_by_month_of_the_time_zone_without_unpaid_orders(staged: StagedTables) -> None:
    def order(number: str, at: str, status: str, customer: str, refund_of: str = "") -> str:
        return f"{number}\t{customer}\t{at}\t{status}\tEUR\t\t0\t\t{refund_of}\tf\t0\n"

    staged.copy(
        ORDERS,
        [
            order("N1", "2024-04-30 23:00+00", "paid", "C1"),
            order("N2", "2024-05-10 00:00+00", "pending", "C1"),
            order("N1-return", "2024-05-20 00:00+00", "cancellation", "\\N", "N1"),
        ],
    )
    staged.copy(
        LINES,
        [
            "2\tN1\tA\t2\t10\t\tEUR\n",
            "3\tN2\tA\t1\t99\t\tEUR\n",
            "4\tN1-return\tA\t-1\t10\t\tEUR\n",
        ],
    )
    staged.keep(WRITTEN_ORDERS, "SELECT 1::bigint, 'N1', true")
    figures = SUMMARIES["orders"]().figures(staged, Written(customers_new=1), "Europe/Berlin").of_orders
    assert figures
    assert figures.months == (MonthRevenue("EUR", "2024-05", Decimal(10)),)
    assert figures.revenue == {"EUR": 10}
    counted = ("orders", "customers", "guest_lines", "cancellation_lines", "orders_new", "customers_new")
    assert [getattr(figures, name) for name in counted] == [2, 1, 1, 1, 1, 1]


def test_addresses_that_were_filled_are_counted(staged: StagedTables) -> None:
    CustomerFactory(external_id="C1", email="")
    CustomerFactory(external_id="C2", email="known@example.com")
    row = "{0}\tnew@example.com\t\t\t\t\t\t{{}}\t\\N\t\\N\n"
    staged.copy(CUSTOMERS, [row.format("C1"), row.format("C2")])
    summary = SUMMARIES["customers"]()
    summary.before(staged)
    Customer.objects.filter(external_id="C1").update(email="new@example.com")
    figures = summary.figures(staged, Written(customers_new=0, consents=2), "UTC")
    assert figures.of_customers == CustomersFigures(customers=2, customers_new=0, addresses=1, consents=2)


def test_a_row_that_repeats_another_states_nothing_new(staged: StagedTables) -> None:
    customer = CustomerFactory(external_id="C1")
    row = "C1\ta@example.com\t\t\t\t\t\t\t\t\t{{}}\t{0}\n"
    staged.copy(consolidation.FILE_CUSTOMERS, [row.format(2), row.format(3)])
    staged.keep(CHANGED_CUSTOMERS, f"SELECT {customer.pk}::bigint, false")
    assert SUMMARIES["customers"]().accepted(staged, Written()) == 1
