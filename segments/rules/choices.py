"""What the builder offers to choose from: values that the shop's data hold."""

from __future__ import annotations

from typing import Any

from segments.models import CountersRun, Segment
from shop.models import Customer, Product

MOST = 500  # of each; what is not offered can be typed
SAMPLED = 5_000  # customers, the newest, whose languages are offered


def choices(*, besides: Segment | None = None) -> dict[str, Any]:
    """Lists of [value, label]; the segments in force `besides` the one being edited, which cannot ask about itself."""
    newest = CountersRun.objects.first()
    return {
        "countries": _same(Customer.objects.countries()),
        "languages": _same(sorted(set(Customer.objects.order_by("-pk").values_list("locale", flat=True)[:SAMPLED]))),
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
    found = [one for one in Segment.objects.in_force() if one != besides]
    return sorted(([one.pk, f"{one.name} · {one.get_method_display()}"] for one in found), key=lambda row: str(row[1]))
