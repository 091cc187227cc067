"""RFM scores: the range of each, which of them a customer has, which make a class, and how many customers
have them."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.templatetags.formats import NOTHING, money_rounded, number
from profiles.datasets.features import BY_KEY, Feature
from profiles.presenters.features import in_unit
from segments.algorithms import rfm
from segments.algorithms.methods import RfmClasses
from segments.models import Method, Segment, SegmentRun

Range = tuple[float, float] | None
RANGES = {  # unit -> the words for a score without a lower end, with both, and without an upper one
    "days": (
        gettext_noop("under %(high)s days"),
        gettext_noop("%(low)s to under %(high)s days"),
        gettext_noop("%(low)s days or longer"),
    ),
    "count": (
        gettext_noop("at most %(high)s"),
        gettext_noop("%(low)s to %(high)s"),
        gettext_noop("%(low)s or more"),
    ),
    "money": (
        gettext_noop("up to %(high)s"),
        gettext_noop("over %(low)s up to %(high)s"),
        gettext_noop("over %(low)s"),
    ),
}


def scores_in_words(run: SegmentRun, own: Mapping[str, float], segment: Segment) -> list[str]:
    """Why a customer with the figures `own` is in the class `segment`: each score with its bounds, and what
    they make. Nothing of a run that did not keep its bounds."""
    fitted = _fitted(run)
    if fitted is None:
        return []
    scored = fitted.scores(np.array([[own[key] for key in RfmClasses.features]]))
    scores = [
        _("%(feature)s: %(value)s, score %(score)s of 5 (%(range)s)")
        % {
            "feature": BY_KEY[key].title,
            "value": _value(BY_KEY[key], own[key], run),
            "score": number(score),
            "range": _range(BY_KEY[key], ranges[score - 1], run.currency),
        }
        for key, ranges, score in zip(RfmClasses.features, fitted.ranges(), scored[0].tolist(), strict=True)
    ]
    made = _("Recency %(recency)s with orders and money %(worth)s is “%(name)s”.") % {
        "recency": number(int(scored[0, 0])),
        "worth": number(int(rfm.worth(scored)[0])),
        "name": segment.short_name,
    }
    return [*scores, made]


def bounds(run: SegmentRun) -> list[dict[str, Any]]:
    """A row a score, the best first: {score, ranges: of recency, orders and money in words}. Nothing of a run
    that kept none."""
    fitted = _fitted(run)
    if fitted is None:
        return []
    columns = [
        [_range(BY_KEY[key], ends, run.currency) for ends in ranges]
        for key, ranges in zip(RfmClasses.features, fitted.ranges(), strict=True)
    ]
    rows = enumerate(zip(*columns, strict=True), start=1)
    return [{"score": score, "ranges": list(row)} for score, row in rows][::-1]


def classes_by_score(segment: Segment | None = None) -> list[dict[str, Any]]:
    """The table of the classes, a row a recency score, the latest first: {score, cells: [{segment, mine}]}
    for the scores 1 to 5 of orders and money; `mine`: the cells of `segment`."""
    known = {other.slug: other for other in Segment.objects.filter(method=Method.RFM)}
    return [
        {
            "score": score,
            "cells": [
                {"segment": known.get(name), "mine": segment is not None and name == segment.slug}
                for name in rfm.CLASSES[score - 1]
            ],
        }
        for score in range(rfm.SCORES, 0, -1)
    ]


def _fitted(run: SegmentRun) -> RfmClasses | None:
    return RfmClasses.from_stored(run.estimator.rfm) if run.estimator.rfm else None


def _value(feature: Feature, value: float, run: SegmentRun) -> str:
    if feature.unit != "days":
        return in_unit(feature, value, run.currency)
    return _("%(value)s on %(day)s") % {
        "value": _("%s days") % number(value, 1),
        "day": date_format(localtime(run.as_of), "SHORT_DATE_FORMAT"),
    }


def _range(feature: Feature, ends: Range, currency: str) -> str:
    """For example "over £35 up to £80". Of days the first belongs to it and the last does not; counts are
    whole."""
    if ends is None:
        return NOTHING
    low, high = ends
    if feature.unit == "count":
        low += 1  # the lower end is the largest count with a lower score
    if low == high:
        return number(low)
    below, between, above = RANGES[feature.unit]
    words = {"low": _end(feature, low, currency), "high": _end(feature, high, currency)}
    return _(below if low == -inf else above if high == inf else between) % words


def _end(feature: Feature, value: float, currency: str) -> str:
    if abs(value) == inf:
        return ""
    if feature.unit == "money":
        return money_rounded(value, currency)
    return number(value, 1 if feature.unit == "days" else 0)


def rfm_chart(table: tuple[tuple[int, ...], ...]) -> dict[str, Any]:
    """Customers by their scores; `table`: 5 rows of recency, 5 columns of orders and money."""
    return {
        "x": _("orders and money (5 = most)"),
        "y": _("recency (5 = just now)"),
        "format": "number",
        "columns": ["1", "2", "3", "4", "5"],
        "rows": ["1", "2", "3", "4", "5"],
        "name": _("customers"),
        "values": [[column, row, table[row][column]] for row in range(5) for column in range(5)],
    }
