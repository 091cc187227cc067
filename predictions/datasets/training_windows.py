"""Since when the shop has been recording orders and visits."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from shop.models import Event, Order


def first_order(*, as_of: datetime) -> datetime | None:
    """When the shop's history begins: its first purchase before `as_of`."""
    sales = Order.objects.sales().until(as_of).order_by("placed_at")
    return sales.values_list("placed_at", flat=True).first()


def first_event(*, as_of: datetime) -> datetime | None:
    """When browsing began to be recorded: the first event before `as_of`."""
    found: datetime | None = Event.objects.filter(occurred_at__lt=as_of).aggregate(first=Min("occurred_at"))[
        "first"
    ]
    return found
