"""What lists and pages show of customers: orders, spending, consent."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count, Max, Sum

from shop.models import Channel, Customer, Order, OrderLine


def with_facts(rows: list[Customer]) -> list[dict[str, Any]]:
    """Each customer with orders, spend and consent, in three queries for the whole page."""
    keys = [customer.pk for customer in rows]
    spend = _spend(keys)
    sales = Order.objects.sales().filter(customer__in=keys).values_list("customer")
    placed = {
        key: (count, last) for key, count, last in sales.annotate(count=Count("pk"), last=Max("placed_at"))
    }
    consenting = set(
        Customer.objects.filter(pk__in=keys).consenting(Channel.EMAIL).values_list("pk", flat=True)
    )
    return [
        {
            "customer": customer,
            "orders": placed.get(customer.pk, (0, None))[0],
            "last": placed.get(customer.pk, (0, None))[1],
            "spend": spend[customer.pk],
            "consents": customer.pk in consenting,
        }
        for customer in rows
    ]


def _spend(keys: list[int]) -> defaultdict[int, list[tuple[Any, str]]]:
    """Customer -> (net amount, currency), one for each currency: sales less returns, without orders not paid
    yet."""
    spend: defaultdict[int, list[tuple[Any, str]]] = defaultdict(list)
    for key, currency, amount in (
        OrderLine.objects.filter(order__customer__in=keys)
        .exclude(order__status=Order.Status.PENDING)
        .values_list("order__customer", "order__currency")
        .annotate(amount=Sum("amount"))
        .order_by("order__currency")
    ):
        spend[key].append((amount, currency))
    return spend
