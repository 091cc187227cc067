"""Profiles of segments for pages: rows of words, and the pictures beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.templatetags.formats import money_rounded, number
from profiles.datasets.features import BY_KEY, SHARE
from profiles.presenters.features import against_average, in_unit
from segments.models import Segment, SegmentPortrait
from shop.models import Product

GREY = "#9AA3B5"
VISIBLE = 0.05  # standard deviations: a shorter bar is none
MOST_REASONS, WORTH_NAMING = 3, 0.25


def profile_rows(profile: Mapping[str, Any], currency: str, *, buyers: bool = False) -> list[dict[str, Any]]:
    """Each feature in words: {feature, mean, overall, against, difference, words}, strongest difference
    first. `buyers`: the profile is against those who ordered, not against all customers; of days since an
    order it always is."""
    rows = []
    for row in sorted(profile.get("features", []), key=lambda one: -abs(one["difference"])):
        feature = BY_KEY[row["feature"]]
        rows.append(
            {
                "feature": feature,
                "mean": in_unit(feature, row["mean"], currency),
                "overall": in_unit(feature, row["overall"], currency),
                "difference": row["difference"],
                "against": _("average buyer") if buyers or feature.needs_order else _("average customer"),
                "words": against_average(row, currency, buyers=buyers),
            }
        )
    return rows


def strongest_words(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What sets a segment apart, one of each family of features; `rows` as `profile_rows` gives them."""
    chosen: dict[str, str] = {}
    for row in rows:
        if abs(row["difference"]) >= WORTH_NAMING:
            chosen.setdefault(row["feature"].family or row["feature"].key, row["words"])
    return list(chosen.values())[:MOST_REASONS]


def profile_chart(rows: Sequence[dict[str, Any]], colour: str) -> dict[str, Any]:
    """What categories took has a chart of its own (`taste_chart`)."""
    shown = [
        row for row in rows if abs(row["difference"]) >= VISIBLE and not row["feature"].key.startswith(SHARE)
    ]
    return {
        "categories": [str(row["feature"].title) for row in shown],
        "values": [round(row["difference"], 2) for row in shown],
        "texts": [row["words"] for row in shown],
        "colour": colour,
        "x": _("standard deviations from the average customer"),
    }


def taste_chart(profile: Mapping[str, Any], segment: Segment) -> dict[str, Any]:
    categories = profile.get("categories", [])
    return {
        "categories": [row["category"] for row in categories],
        "format": "percent",
        "horizontal": True,
        "x": _("share of money spent"),
        "series": [
            {
                "name": _("everybody"),
                "values": [round(row["overall"], 4) for row in categories],
                "colour": GREY,
            },
            {
                "name": segment.name,
                "values": [round(row["share"], 4) for row in categories],
                "colour": segment.colour,
            },
        ],
    }


def map_chart(portraits: Sequence[SegmentPortrait]) -> dict[str, Any]:
    """Where buyers lie by the days since their last order and the money they spent; the segments in their
    colours on grey."""
    if not portraits:
        return {}
    first = portraits[0]
    series = [
        {
            "name": _("everybody"),
            "colour": GREY,
            "size": 4,
            "points": _points(first.picture["everybody"], first.currency),
        }
    ]
    series += [
        {
            "name": one.segment.name,
            "colour": one.segment.colour,
            "points": _points(one.picture["members"], one.currency),
        }
        for one in portraits
    ]
    return {
        "x": _("days since the last order"),
        "y": _("money spent (%s)") % first.currency,
        "logarithmic": True,
        "series": series,
    }


def _points(pairs: Sequence[Sequence[float]], currency: str) -> list[list[Any]]:
    return [
        [
            since,
            spent,
            ngettext("%(days)s day, %(spent)s", "%(days)s days, %(spent)s", round(since))
            % {"days": number(since), "spent": money_rounded(spent, currency)},
        ]
        for since, spent in pairs
        if spent > 0  # the axis is logarithmic
    ]


def product_rows(portrait: SegmentPortrait) -> list[dict[str, Any]]:
    """{product, buyers, share, overall, lift}, strongest first; a product that is gone is left out."""
    products = Product.objects.in_bulk([row["product"] for row in portrait.products])
    return [
        row | {"product": products[row["product"]]} for row in portrait.products if row["product"] in products
    ]
