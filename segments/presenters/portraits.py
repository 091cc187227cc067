"""Portraits of segments for pages: rows of words, and the pictures beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.templatetags.formats import money_rounded, number
from profiles.datasets.features import BY_KEY, SHARE, Feature
from profiles.presenters.features import against_average, in_unit
from segments.colours import NEUTRAL
from segments.models import BuyerSample, ProductLift, Profile, Segment, SegmentPortrait
from shop.models import Product

VISIBLE = 0.05  # standard deviations: a shorter bar is none
MOST_REASONS, WORTH_NAMING = 3, 0.25


@dataclass(frozen=True)
class ProfileRow:
    """A feature in words: `mean` of the segment, `overall` of everybody or of all buyers (`against` says
    which), `difference` in standard deviations, `words` the sentence that compares them."""

    feature: Feature
    mean: str
    overall: str
    difference: float
    against: str
    words: str


def profile_rows(profile: Profile, currency: str, *, buyers: bool = False) -> list[ProfileRow]:
    """Strongest difference first. `buyers`: the profile is against those who ordered, not against all
    customers; of days since an order it always is."""
    rows = []
    for row in sorted(profile.features, key=lambda row: -abs(row.difference)):
        feature = BY_KEY[row.feature]
        rows.append(
            ProfileRow(
                feature=feature,
                mean=in_unit(feature, row.mean, currency),
                overall=in_unit(feature, row.overall, currency),
                difference=row.difference,
                against=_("average buyer") if buyers or feature.needs_order else _("average customer"),
                words=against_average(row.feature, row.mean, row.overall, currency, buyers=buyers),
            )
        )
    return rows


def strongest_words(rows: Sequence[ProfileRow]) -> list[str]:
    """What sets a segment apart, one of each family of features; `rows` as `profile_rows` gives them."""
    chosen: dict[str, str] = {}
    for row in rows:
        if abs(row.difference) >= WORTH_NAMING:
            chosen.setdefault(row.feature.family or row.feature.key, row.words)
    return list(chosen.values())[:MOST_REASONS]


def profile_chart(rows: Sequence[ProfileRow], colour: str) -> dict[str, Any]:
    """What categories took has a chart of its own (`taste_chart`)."""
    shown = [row for row in rows if abs(row.difference) >= VISIBLE and not row.feature.key.startswith(SHARE)]
    return {
        "categories": [str(row.feature.title) for row in shown],
        "values": [round(row.difference, 2) for row in shown],
        "texts": [row.words for row in shown],
        "colour": colour,
        "x": _("standard deviations from the average customer"),
    }


def taste_chart(profile: Profile, segment: Segment) -> dict[str, Any]:
    """The share of each category in the money spent, of the segment and of everybody."""
    rows = profile.categories
    overall, own = [round(row.overall, 4) for row in rows], [round(row.share, 4) for row in rows]
    return {
        "categories": [row.category for row in rows],
        "format": "percent",
        "horizontal": True,
        "x": _("share of money spent"),
        "series": [
            {"name": _("everybody"), "values": overall, "colour": NEUTRAL},
            {"name": segment.name, "values": own, "colour": segment.colour},
        ],
    }


def buyers_chart(portraits: Sequence[SegmentPortrait]) -> dict[str, Any]:
    """Where buyers lie by the days since their last order and the money they spent; the segments in their
    colours on grey."""
    if not portraits:
        return {}
    first = portraits[0]
    everybody = {
        "name": _("everybody"),
        "colour": NEUTRAL,
        "size": 4,
        "points": _points(first.picture.everybody, first.currency),
    }
    members = [
        {
            "name": portrait.segment.name,
            "colour": portrait.segment.colour,
            "points": _points(portrait.picture.members, portrait.currency),
        }
        for portrait in portraits
    ]
    return {
        "x": _("days since the last order"),
        "y": _("money spent (%s)") % first.currency,
        "logarithmic": True,
        "series": [everybody, *members],
    }


def _points(sample: BuyerSample, currency: str) -> list[list[Any]]:
    return [
        [
            days,
            spent,
            ngettext("%(days)s day, %(spent)s", "%(days)s days, %(spent)s", days)
            % {"days": number(days), "spent": money_rounded(spent, currency)},
        ]
        for days, spent in zip(sample.days, sample.spent, strict=True)
        if spent > 0  # the axis is logarithmic
    ]


@dataclass(frozen=True)
class ProductRow:
    """A product and its figures; see `ProductLift`."""

    product: Product
    lift: ProductLift


def product_rows(portrait: SegmentPortrait) -> list[ProductRow]:
    """Strongest first; a product that is gone is left out."""
    products = Product.objects.in_bulk([row.product for row in portrait.products.rows])
    return [
        ProductRow(products[row.product], row) for row in portrait.products.rows if row.product in products
    ]
