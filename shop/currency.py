"""What currency a shop's totals are in. No other module decides it.

Amounts in other currencies are left out of totals and counted, never added: there is no rate of the day.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Count

from shop.models import Order


def shop_currency(as_of: datetime | None = None) -> str:
    """The ISO code of the shop's totals: SHOP_CURRENCY, else the one that most orders before `as_of` use (all
    orders where none is given); "" in a shop without orders.

    Reads every order where the setting is empty: ask once a run, not once a customer.
    """
    if settings.SHOP_CURRENCY:
        return settings.SHOP_CURRENCY
    orders = Order.objects.all() if as_of is None else Order.objects.filter(placed_at__lt=as_of)
    counted = (
        orders.order_by().values("currency").annotate(orders=Count("pk")).order_by("-orders", "currency")
    )
    return counted.values_list("currency", flat=True).first() or ""


def currency_of_new_amounts() -> str:
    """The ISO code assumed for an amount that arrives without one: SHOP_CURRENCY, else that of the latest
    order; "" in a shop without orders. One index look-up: it is asked for each batch of events."""
    latest = Order.objects.order_by("-placed_at").values_list("currency", flat=True)
    return settings.SHOP_CURRENCY or latest.first() or ""
