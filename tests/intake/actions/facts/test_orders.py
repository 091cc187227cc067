"""Orders are added once, completed later, and keep one set of lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from intake.actions.facts.orders import write_lines_of_batch, write_lines_of_file, write_orders
from intake.actions.facts.staging import LINES, ORDERS, StagedBatch, StagedTables
from shop.models import Order, OrderLine
from tests.factories import CustomerFactory, OrderFactory, ProductFactory

pytestmark = pytest.mark.django_db
DAY = datetime(2024, 5, 1, tzinfo=UTC)


def batch(**stated: Any) -> StagedBatch:
    staged = StagedBatch()
    order = {"number": "N1", "placed_at": DAY, "status": "paid", "currency": "EUR", "country": ""}
    staged.add(ORDERS, [{**order, "discount": 0, "coupon": "", "refund_of": "", **stated}])
    staged.add(LINES, [{"number": "N1", "sku": "A", "quantity": 1, "unit_price": 2, "key": ""}])
    return staged


def write(staged: StagedBatch) -> None:
    write_orders(staged)
    write_lines_of_batch(staged)


def test_an_order_is_added_once_and_completed_later() -> None:
    ProductFactory(sku="A")
    customer = CustomerFactory(external_id="C1")
    write(batch(status="pending"))
    write(batch(customer="C1", country="FR", coupon="HELLO"))
    write(batch(country="DE", coupon="OTHER", status="cancellation"))
    order = Order.objects.get()
    assert (order.customer, order.country, order.coupon, order.status) == (customer, "FR", "HELLO", "paid")
    assert OrderLine.objects.count() == 1


def test_lines_of_a_batch_are_for_orders_without_lines() -> None:
    ProductFactory(sku="A")
    write(batch())
    staged = batch()
    staged.add(LINES, [{"number": "N1", "sku": "A", "quantity": 9, "unit_price": 2, "key": ""}])
    write(staged)
    assert OrderLine.objects.get().quantity == 1


def test_what_a_batch_reported_is_recognised_in_a_file() -> None:
    """One source's lines are not added to the same lines of the other."""
    ProductFactory(sku="A")
    write(batch())
    staged = StagedTables()
    staged.create()
    staged.copy(ORDERS, ["N1\t\\N\t2024-05-01 00:00+00\tpaid\tEUR\t\t0\t\t\tf\t0\n"])
    staged.copy(LINES, ["2\tN1\tA\t1\t2.00\t\tEUR\n", "3\tN1\tA\t1\t2.00\t\tEUR\n"])
    write_orders(staged)
    assert write_lines_of_file(staged) == 1, "the second of two equal lines is new"
    staged.drop()
    assert OrderLine.objects.count() == 2


def test_a_refund_may_arrive_before_its_sale() -> None:
    ProductFactory(sku="A")
    write(batch(status="cancellation", refund_of="S1"))
    refund = Order.objects.select_related("refund_of").get()
    assert (refund.refund_of_id, refund.refund_of) == ("S1", None)
    sale = OrderFactory(number="S1")
    assert Order.objects.get(number="N1").refund_of == sale
    assert list(sale.refunds.all()) == [refund]
