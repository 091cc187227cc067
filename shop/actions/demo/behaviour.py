"""What the demo's customers did: orders, returns, events."""

from __future__ import annotations

import numpy as np

from shop.actions.demo.bulk import NULL, Shop, copy, nullable, reserve, times
from shop.demo import behaviour
from shop.demo.catalogue import Ints
from shop.models import (
    Event,
    Order,
    OrderLine,
)

EVENTS = {  # in the order of the constants of shop.demo.behaviour
    behaviour.VIEW: (Event.Kind.VIEW, "Product Viewed"),
    behaviour.CART: (Event.Kind.CART, "Product Added"),
    behaviour.SEARCH: (Event.Kind.SEARCH, "Products Searched"),
    behaviour.CHECKOUT: (Event.Kind.CHECKOUT, "Checkout Started"),
    behaviour.PURCHASE: (Event.Kind.PURCHASE, "Order Completed"),
    behaviour.FAVOURITE: (Event.Kind.FAVOURITE, "Product Added to Wishlist"),
}


def write_orders(shop: Shop, made: behaviour.Orders, ids: Ints, cities: Ints, orders_before: int) -> None:
    """A line holds what was paid; `discount` is how much the coupon had taken off."""
    n = len(made.placed)
    first = reserve(shop.cursor, Order, n)
    full = shop.goods.price[made.product]
    paid = (full * (1 - made.saved[made.line_order])).round(2)
    discount = np.bincount(made.line_order, weights=(full - paid) * made.quantity, minlength=n).round(2)
    status = np.where(made.refunds < 0, Order.Status.PAID.value, Order.Status.CANCELLATION.value)
    coupons = [f"SAVE{round(100 * share)}" if share else "" for share in made.saved.tolist()]

    def numbered(place: int) -> str:
        return f"D{orders_before + place + 1:06d}"

    copy(
        shop.cursor,
        Order,
        [
            "id",
            "number",
            "customer_id",
            "placed_at",
            "status",
            "currency",
            "country",
            "discount",
            "coupon",
            "refund_of",
        ],
        [
            range(first, first + n),
            [numbered(k) for k in range(n)],
            nullable(ids[made.visitor]),
            times(made.placed),
            status.tolist(),
            [shop.currency] * n,
            [shop.words.cities[k][1] for k in cities[made.visitor].tolist()],
            np.where(made.refunds < 0, discount, 0).tolist(),
            coupons,
            [NULL if sale < 0 else numbered(sale) for sale in made.refunds.tolist()],
        ],
    )
    copy(
        shop.cursor,
        OrderLine,
        ["order_id", "product_id", "key", "quantity", "unit_price"],
        [
            (first + made.line_order).tolist(),
            (shop.first_product + made.product).tolist(),
            made.product.tolist(),
            made.quantity.tolist(),
            paid.tolist(),
        ],
    )


def write_events(shop: Shop, seen: behaviour.Events, ids: Ints, start: int, rng: np.random.Generator) -> None:
    """Visits of customers, a few of them before they logged in (an anonymous id, no customer)."""
    visits = int(seen.visit.max(initial=0)) + 1
    unknown = (rng.random(visits) < 0.03)[seen.visit]
    product = np.where(seen.product < 0, -1, shop.first_product + seen.product)
    queries = rng.integers(0, len(shop.words.searches), len(seen.at)).tolist()
    kinds = seen.kind.tolist()
    visit_numbers = seen.visit.tolist()
    copy(
        shop.cursor,
        Event,
        [
            "occurred_at",
            "customer_id",
            "anonymous_id",
            "session_id",
            "kind",
            "name",
            "product_id",
            "dwell_seconds",
            "properties",
        ],
        [
            times(seen.at),
            nullable(np.where(unknown, -1, ids[seen.visitor])),
            [
                f"a{start}-{visit}" if lost else ""
                for lost, visit in zip(unknown.tolist(), visit_numbers, strict=True)
            ],
            [f"s{start}-{visit}" for visit in visit_numbers],
            [EVENTS[kind][0].value for kind in kinds],
            [EVENTS[kind][1] for kind in kinds],
            nullable(product),
            nullable(seen.dwell),
            [
                f'{{"query": "{shop.words.searches[query]}"}}' if kind == behaviour.SEARCH else "{}"
                for kind, query in zip(kinds, queries, strict=True)
            ],
        ],
    )
