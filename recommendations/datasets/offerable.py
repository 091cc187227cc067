"""Which products may be offered at all."""

from __future__ import annotations

from django.db.models import Q

from shop.models import Product


def may_be_offered() -> Q:
    """What may be offered at this moment: on sale, in stock (or stock unknown), and a product rather than
    content."""
    return Q(kind=Product.Kind.PRODUCT, active=True) & (Q(stock__isnull=True) | Q(stock__gt=0))
