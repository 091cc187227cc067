"""What counts as a purchase, and that a stated total survives."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from shop.models import Order, OrderLine
from tests.factories import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "lines", "is_purchase"),
    [
        (Order.Status.PAID, [(1, "20")], True),
        (Order.Status.PAID, [], True),  # its lines are still to come
        (Order.Status.PAID, [(1, "0")], True),  # a free sample
        (Order.Status.PAID, [(2, "20"), (-1, "20")], True),  # a part came back at once
        (Order.Status.PAID, [(-1, "20")], False),  # a return that was reported as paid
        (Order.Status.PAID, [(-3, "0")], False),
        (Order.Status.PAID, [(1, "20"), (-1, "30")], False),
        (Order.Status.PAID, [(1, "-11062.06")], False),  # a correction of the books
        (Order.Status.CANCELLATION, [(-1, "20")], False),
        (Order.Status.CANCELLATION, [(1, "20")], False),
        (Order.Status.PENDING, [(1, "20")], False),
    ],
)
def test_returns_are_no_purchases_by_status_and_by_total(
    status: str, lines: list[tuple[int, str]], is_purchase: bool
) -> None:
    order = OrderFactory(status=status)
    for quantity, price in lines:
        OrderLineFactory(order=order, quantity=quantity, unit_price=Decimal(price))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM shop_purchase")
        in_sql = cursor.fetchall() == [(order.pk,)]
    assert (Order.objects.sales().exists(), in_sql) == (is_purchase, is_purchase)


@pytest.mark.parametrize(("total", "pieces"), [("22.92", 7), ("10", 3), ("0.01", 99_999_999), ("-5", 3)])
def test_a_total_survives_as_the_price_of_its_pieces(total: str, pieces: int) -> None:
    each = (Decimal(total) / pieces).quantize(Decimal("1E-14"))
    line = OrderLineFactory(quantity=pieces, unit_price=each)
    assert OrderLine.objects.get(pk=line.pk).amount == Decimal(total)
