"""A small shop with two tastes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from shop.models import Customer, Event, Order, OrderLine, Product

OPENING = datetime(2026, 1, 1, tzinfo=UTC)


class Shop:
    """Facts in one line each: `shop.order(customer, product, day=3)`."""

    def customer(self, number: str) -> Customer:
        return Customer.objects.create(external_id=number)

    def product(self, sku: str, **fields) -> Product:
        return Product.objects.create(
            sku=sku, title=f"Title of {sku}", price=Decimal("9.90"), currency="GBP", **fields
        )

    def order(
        self,
        customer: Customer | None,
        *products: Product,
        day: float,
        quantity: int = 1,
        status: str = "paid",
    ) -> Order:
        order = Order.objects.create(
            number=f"O{Order.objects.count()}",
            customer=customer,
            placed_at=OPENING + timedelta(days=day),
            status=status,
            currency="GBP",
        )
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order, product=product, key=str(at), quantity=quantity, unit_price=Decimal("9.90")
            )
            for at, product in enumerate(products)
        )
        return order

    def event(self, customer: Customer, product: Product, *, day: float, kind: str = "view") -> None:
        Event.objects.create(
            customer=customer, product=product, kind=kind, occurred_at=OPENING + timedelta(days=day)
        )


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


@pytest.fixture
def two_tastes(shop: Shop) -> tuple[list[Customer], list[Product]]:
    """80 customers and 40 products: even customers buy even products, odd ones odd, over 100 days."""
    random = np.random.default_rng(7)
    products = [shop.product(f"P{number}") for number in range(40)]
    customers = Customer.objects.bulk_create(Customer(external_id=f"C{number}") for number in range(80))
    orders, lines = [], []
    for number, customer in enumerate(customers):
        taste = [product for at, product in enumerate(products) if at % 2 == number % 2]
        for at, which in enumerate(random.choice(20, 10, replace=False)):
            order = Order(
                number=f"{number}-{at}",
                customer=customer,
                placed_at=OPENING + timedelta(days=at * 10 + random.random()),
                currency="GBP",
            )
            orders.append(order)
            lines.append(
                OrderLine(order=order, product=taste[which], key="1", quantity=1, unit_price=Decimal(5))
            )
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(lines)
    return customers, products


@pytest.fixture
def bread_and_butter(shop: Shop) -> list[Product]:
    """120 orders: bread and butter in one half, soap in the other; viewing bread leads to butter."""
    bread, butter, soap = (shop.product(name, category=name) for name in ("Bread", "Butter", "Soap"))
    customers = Customer.objects.bulk_create(Customer(external_id=f"C{number}") for number in range(100))
    for number in range(120):
        basket = [bread, butter] if number < 60 else [soap]
        shop.order(customers[number % 100], *basket, day=75)
    for number, customer in enumerate(customers):
        shop.event(customer, bread if number < 60 else soap, day=60)
    return [bread, butter, soap]
