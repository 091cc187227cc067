"""A shop whose customers buy at a rate of their own until they stop, as the textbooks have it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
from django.db import connection

from shop.models import Customer, Order, OrderLine, Product

CATEGORIES = ("Coffee", "Tea", "Cups")
GENDERS = ("female", "male")


def seasoned_shop(*, customers: int, days: int, until: datetime, seed: int = 5) -> list[Customer]:
    """`customers` who came one after the other during the `days` before `until`; each prefers one
    category."""
    random = np.random.default_rng(seed)
    products = Product.objects.bulk_create(
        [
            Product(sku=f"SEASON-{name}", title=name, category=name, price=10, currency="GBP")
            for name in CATEGORIES
        ]
    )
    people = Customer.objects.bulk_create(
        [
            Customer(
                external_id=f"S{i}",
                created_at=until - timedelta(days=days),
                country="GB",
                attributes={"gender": GENDERS[i % 2], "age": 20 + i % 50},
            )
            for i in range(customers)
        ]
    )
    orders, lines = [], []
    for i, person in enumerate(people):
        since, rate, stops = days * i / customers, random.gamma(1.0, 1 / 12), random.beta(0.6, 3.0)
        price = Decimal(str(round(random.gamma(6, 4), 2)))
        taste = random.dirichlet([0.4, 0.4, 0.4])
        while since < days:
            orders.append(
                Order(
                    number=f"S{i}-{len(orders)}",
                    customer=person,
                    placed_at=until - timedelta(days=days - since),
                    currency="GBP",
                )
            )
            lines.append((price, products[random.choice(3, p=taste)]))
            since += random.exponential(1 / rate) if random.random() >= stops else days
    OrderLine.objects.bulk_create(
        [
            OrderLine(order=order, product=product, key="1", quantity=1, unit_price=price)
            for order, (price, product) in zip(Order.objects.bulk_create(orders), lines, strict=True)
        ]
    )
    # autovacuum does not look into a test's transaction: without this the plans are those for empty tables
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE shop_customer, shop_order, shop_orderline, shop_product")
    return people
