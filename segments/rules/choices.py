"""What the builder offers to choose from: values that the shop's data hold."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from segments.models import CountersRun, Method, Segment
from shop.models import Customer, Product

MOST = 500  # of each; what is not offered can be typed


def choices(*, besides: Segment | None = None) -> dict[str, Any]:
    """Lists of [value, label]; the segments in force `besides` the one being edited, which cannot ask about itself."""
    newest = CountersRun.objects.first()
    return {
        "countries": _same(Customer.objects.countries()),
        "languages": _same(Customer.objects.order_by("locale").values_list("locale", flat=True).distinct()[:MOST]),
        "categories": _of_products("category"), "brands": _of_products("brand"), "products": _products(),
        "segments": _segments(besides), "currency": newest.currency if newest else "",
    }


def _same(values: Any) -> list[list[str]]:
    return [[value, value] for value in values if value]


def _of_products(column: str) -> list[list[str]]:
    return _same(Product.objects.order_by(column).values_list(column, flat=True).distinct()[:MOST])


def _products() -> list[list[str]]:
    """Those on sale, by title."""
    rows = Product.objects.filter(active=True).order_by("title", "sku").values_list("sku", "title")[:MOST]
    return [[sku, f"{title} ({sku})" if title else sku] for sku, title in rows]


def _segments(besides: Segment | None) -> list[list[Any]]:
    there = Q(method=Method.RULE, rule__archived_at__isnull=True) | Q(snapshots__run__published_for__isnull=False)
    found = Segment.objects.filter(there).exclude(pk=besides.pk if besides else None).distinct()
    return sorted(([one.pk, f"{one.name} · {one.get_method_display()}"] for one in found), key=lambda row: str(row[1]))
