"""A part of a price that was given back, until the whole order is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from intake.actions.facts.orders import write_lines_of_file, write_orders
from intake.actions.facts.refunds import settle, stage_amounts
from intake.actions.facts.staging import LINES, ORDERS, StagedTables
from shop.models import Order, OrderLine
from tests.factories import OrderFactory, OrderLineFactory, ProductFactory

pytestmark = pytest.mark.django_db
DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def staged() -> Any:
    ProductFactory(sku="A")
    ProductFactory(sku="B")
    tables = StagedTables()
    tables.create()
    yield tables
    tables.drop()


def state(staged: StagedTables, refunded: str) -> None:
    """Stage an order of 2 x 10 and 1 x 5, of which `refunded` was given back, and write it."""
    staged.create()
    staged.copy(ORDERS, [f"N1\t\\N\t2024-05-01 00:00+00\tpaid\tEUR\t\t0\t\t\tf\t{refunded}\n"])
    staged.copy(LINES, ["2\tN1\tA\t2\t10\t\tEUR\n", "3\tN1\tB\t1\t5\t\tEUR\n"])
    stage_amounts(staged)
    write_orders(staged)
    write_lines_of_file(staged)
    settle(staged)


def total() -> Decimal:
    return OrderLine.objects.aggregate(total=Sum("amount"))["total"]


def test_an_amount_is_taken_off_the_dearest_product_and_may_grow(staged: StagedTables) -> None:
    state(staged, "7.50")
    refund = Order.objects.get(refund_of="N1")
    assert (refund.number, refund.lines.get().product.sku) == ("N1-refund", "A")
    assert total() == Decimal("17.5")
    state(staged, "9")
    state(staged, "8")
    assert total() == 16, "an older file takes nothing back"


def test_never_more_than_the_lines_were_worth(staged: StagedTables) -> None:
    state(staged, "99")
    assert total() == 0


def test_what_came_back_as_products_is_not_taken_off_again(staged: StagedTables) -> None:
    back = OrderFactory(number="any number", refund_of_id="N1", status="cancellation")
    OrderLineFactory(order=back, quantity=-1, unit_price=Decimal(5))
    state(staged, "7.50")
    assert total() == Decimal("17.5")


def test_the_whole_order_takes_the_place_of_the_part(staged: StagedTables) -> None:
    state(staged, "7.50")
    staged.create()
    staged.copy(ORDERS, ["N1-return\t\\N\t2024-05-02 00:00+00\tcancellation\tEUR\t\t0\t\tN1\tt\t0\n"])
    staged.copy(LINES, ["\\N\tN1-return\tA\t-2\t10\t\tEUR\n", "\\N\tN1-return\tB\t-1\t5\t\tEUR\n"])
    write_orders(staged)
    write_lines_of_file(staged)
    settle(staged)
    assert list(Order.objects.filter(refund_of="N1").values_list("number", flat=True)) == ["N1-return"]
    assert total() == 0
