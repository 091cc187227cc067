"""A tiny shop with three kinds of customers that nobody could mistake for each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from shop.models import Customer, Order, OrderLine, Product

TODAY = datetime(2026, 6, 1, tzinfo=UTC)
EACH = 40


@dataclass(frozen=True)
class Kind:
    orders: int
    price: Decimal
    last: int  # days before TODAY
    apart: int  # days between orders


KINDS = {
    "loyal": Kind(orders=12, price=Decimal("180.00"), last=5, apart=25),
    "lost": Kind(orders=2, price=Decimal("25.00"), last=300, apart=20),
    "new": Kind(orders=1, price=Decimal("40.00"), last=4, apart=1),
}


def buy(
    customer: Customer | None,
    product: Product,
    when: datetime,
    price: Decimal,
    *,
    quantity: int = 1,
    **fields: object,
) -> Order:
    """One order of one line, written straight into the tables."""
    order = Order.objects.create(
        number=f"T{Order.objects.count() + 1}",
        customer=customer,
        placed_at=when,
        **({"currency": "GBP"} | fields),
    )
    OrderLine.objects.create(order=order, product=product, key="1", quantity=quantity, unit_price=price)
    return order


@pytest.fixture
def tea(db: None) -> Product:
    return Product.objects.create(sku="TEA", title="Tea", category="Drinks", price=10, currency="GBP")


@pytest.fixture
def planted(tea: Product) -> dict[str, list[int]]:
    """EACH customers of each kind; returns their ids by kind."""
    random = np.random.default_rng(7)
    customers = {
        kind: Customer.objects.bulk_create(
            [Customer(external_id=f"{kind}-{i}", created_at=TODAY - timedelta(days=400)) for i in range(EACH)]
        )
        for kind in KINDS
    }
    orders, lines = [], []
    for name, kind in KINDS.items():
        for customer in customers[name]:
            shift, factor = int(random.integers(0, 4)), Decimal(str(round(random.uniform(0.85, 1.15), 2)))
            for n in range(kind.orders):
                when = TODAY - timedelta(days=kind.last + shift + n * kind.apart)
                orders.append(
                    Order(
                        number=f"{customer.external_id}-{n}",
                        customer=customer,
                        placed_at=when,
                        currency="GBP",
                    )
                )
                lines.append(kind.price * factor)
    OrderLine.objects.bulk_create(
        OrderLine(order=order, product=tea, key="1", quantity=1, unit_price=price)
        for order, price in zip(Order.objects.bulk_create(orders), lines, strict=True)
    )
    return {kind: [customer.pk for customer in members] for kind, members in customers.items()}
