"""How much of the shop's revenue stays when its products are paid for."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q, Sum

from shop.models import Order, OrderLine

SPAN = timedelta(days=90)
ENOUGH = 0.95  # of revenue that must have known costs before they speak for all of it


def known_margin(*, as_of: datetime, currency: str) -> float | None:
    """(revenue - cost) / revenue of the sales of the last 90 days in a currency; None unless the costs of
    nearly all of them are known, in that currency. One query."""
    sales = Order.objects.sales().until(as_of).filter(currency=currency, placed_at__gte=as_of - SPAN)
    sold = OrderLine.objects.filter(order__in=sales, amount__gt=0)
    known = Q(product__cost__isnull=False, product__currency__in=["", currency])
    sums = sold.aggregate(
        all=Sum("amount"),
        known=Sum("amount", filter=known),
        cost=Sum(F("product__cost") * F("quantity"), filter=known),
    )
    if not sums["known"] or sums["known"] < ENOUGH * float(sums["all"]):
        return None
    return float(1 - sums["cost"] / sums["known"])
