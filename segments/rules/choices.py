"""What the builder offers to choose from: values that the shop's data hold."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import country, language
from profiles.models import CountersUpdate
from segments.models import Segment
from shop.models import Customer, Product

MOST = 500  # of each; what is not offered can be typed
SAMPLED = 5_000  # customers, the newest, whose languages are offered


def choices(*, besides: Segment | None = None, references: Collection[int] = ()) -> dict[str, Any]:
    """Lists of [value, label]; the segments in force `besides` the one being edited, which cannot refer to
    itself, and its `references` (ids) though they have ended."""
    newest = CountersUpdate.objects.first()
    return {
        "countries": [[recorded, country(recorded)] for recorded in Customer.objects.countries()],
        "languages": [[recorded, language(recorded)] for recorded in _languages()],
        "categories": _of_products("category"),
        "brands": _of_products("brand"),
        "products": _products(),
        "segments": _segments(besides, references),
        "currency": newest.currency if newest else "",
    }


def _languages() -> list[str]:
    newest = Customer.objects.order_by("-pk").values_list("locale", flat=True)[:SAMPLED]
    return sorted(set(newest) - {""})


def _same(values: Any) -> list[list[str]]:
    return [[value, value] for value in values if value]


def _of_products(column: str) -> list[list[str]]:
    return _same(Product.objects.order_by(column).values_list(column, flat=True).distinct()[:MOST])


def _products() -> list[list[str]]:
    """Those on sale, by title."""
    rows = Product.objects.filter(active=True).order_by("title", "sku").values_list("sku", "title")[:MOST]
    return [[sku, f"{title} ({sku})" if title else sku] for sku, title in rows]


def _segments(besides: Segment | None, references: Collection[int]) -> list[list[Any]]:
    found = [segment for segment in Segment.objects.in_force() if segment != besides]
    ended = Segment.objects.filter(pk__in=references).exclude(pk__in=[segment.pk for segment in found])
    offered = [[segment.pk, segment.label] for segment in found]
    offered += [
        [segment.pk, _("%(name)s · has ended, nobody is in it") % {"name": segment.label}]
        for segment in ended
        if segment != besides
    ]
    return sorted(offered, key=lambda row: str(row[1]))
