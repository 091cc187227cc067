"""How good the lists are: a sentence, a chart and a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import number, percent
from recommendations.models.evaluation import Comparison, Interval
from recommendations.presenters.methods import method_title

ABOUT_EQUAL = 1.05  # times as many products found


@dataclass(frozen=True)
class MethodRow:
    """A row of the table: a method, each figure with its interval, and why it makes the lists or does not.
    `gain` is the NDCG less that of the popular list, empty for that list itself."""

    title: str
    ndcg: str
    ndcg_interval: str
    recall: str
    recall_interval: str
    found: str
    map: str
    coverage: str
    gain: str
    gain_interval: str
    in_force: bool
    why: str


def finding(comparison: Comparison) -> str:
    """Are the personal lists worth having?"""
    if comparison.champion == comparison.baseline:
        if comparison.difference.ndcg.high < 0:
            return _("The list of popular products does better than personal lists, so everybody gets it.")
        return _(
            "Personal lists are not shown to be better than the list of popular products, so everybody gets "
            "that list."
        )
    if comparison.test_from is None:
        return _(
            "The personal lists find purchases that were hidden from them better than the list of popular "
            "products does. Too few customers bought something new lately to test on that."
        )
    if comparison.ratio is None:
        return _(
            "The personal lists find products that customers bought next; the list of popular products finds "
            "none."
        )
    if comparison.ratio < ABOUT_EQUAL:
        return _(
            "The personal lists find about as many of the products that customers bought next as the list of "
            "popular products, and name them earlier."
        )
    return _(
        "The personal lists find %(times)s times as many of the products that customers bought next as the "
        "list of popular products."
    ) % {"times": number(comparison.ratio, 1)}


def recall_chart(comparison: Comparison) -> dict[str, Any]:
    """Bars with 95 % intervals, one a method, the one in force in colour: the share of what customers bought
    next that stood on the lists."""
    ranked = _ranked(comparison)
    recalls = [comparison.methods[name].metrics.recall for name in ranked]
    best, baseline = (comparison.methods[name] for name in (comparison.best, comparison.baseline))
    shares = {
        "personal": percent(best.metrics.recall.mean, 1),
        "popular": percent(baseline.metrics.recall.mean, 1),
    }
    title = _(
        "%(personal)s of what customers bought next stood on their personal list, %(popular)s on the popular "
        "one."
    )
    if comparison.test_from is None:
        title = _(
            "%(personal)s of the hidden purchases stood on personal lists, %(popular)s on the popular one."
        )
    return {
        "categories": [method_title(name) for name in ranked],
        "format": "percent",
        "horizontal": True,
        "x": _("share of what they bought next") if comparison.test_from else _("share of what was hidden"),
        "title": title % shares,
        "colours": ["#4F46E5" if name == comparison.champion else "#9AA3B5" for name in ranked],
        "series": [{"name": _("found"), "values": [round(recall.mean, 4) for recall in recalls]}],
        "intervals": [[round(recall.low, 4), round(recall.high, 4)] for recall in recalls],
    }


def method_rows(comparison: Comparison) -> list[MethodRow]:
    """The table behind the sentence, the best NDCG first."""
    return [_row(comparison, name) for name in _ranked(comparison)]


def _ranked(comparison: Comparison) -> list[str]:
    return sorted(comparison.methods, key=lambda name: -comparison.methods[name].metrics.ndcg.mean)


def _row(comparison: Comparison, name: str) -> MethodRow:
    result = comparison.methods[name]
    metrics, gain = result.metrics, result.gain
    return MethodRow(
        method_title(name),
        number(metrics.ndcg.mean, 3),
        _interval(metrics.ndcg, 3),
        percent(metrics.recall.mean, 1),
        _("%(low)s to %(high)s")
        % {"low": percent(metrics.recall.low, 1), "high": percent(metrics.recall.high, 1)},
        number(metrics.found.mean, 2),
        number(metrics.map.mean, 3),
        percent(result.coverage, 1),
        number(gain.mean, 3) if gain else "",
        _interval(gain, 3) if gain else "",
        name == comparison.champion,
        _why(comparison, name, gain),
    )


def _interval(interval: Interval, places: int) -> str:
    ends = {"low": number(interval.low, places), "high": number(interval.high, places)}
    return _("%(low)s to %(high)s") % ends


def _why(comparison: Comparison, name: str, gain: Interval | None) -> str:
    """Why this method makes the lists, or does not."""
    if gain is None:
        if name == comparison.champion:
            return _("no personal method is shown to beat it")
        return _("what the others must beat")
    if name == comparison.champion:
        return _("best when it was chosen, and better than the popular list beyond chance when tested")
    if gain.high < 0:
        return _("worse than the popular list")
    if name != comparison.best:
        return _("another method did better when one was chosen")
    return _("not shown to be better than the popular list")
