"""How good the lists are: a sentence, a chart and a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import number, percent
from recommendations.models.evaluation import Comparison, Interval, RankingMetrics


@dataclass(frozen=True)
class MetricRow:
    """A row of the table: what is measured, of the personal and the popular lists, and their difference with
    its interval (empty where there is none)."""

    title: str
    meaning: str
    personal: str
    popular: str
    difference: str = ""
    interval: str = ""


def finding(comparison: Comparison) -> str:
    """Are the personal lists worth having?"""
    difference = comparison.difference.recall
    if difference.high < 0:
        return _("The list of popular products still does better than the personal lists.")
    if difference.low <= 0:
        return _("The personal lists and the list of popular products do about equally well so far.")
    if comparison.ratio is None:
        return _(
            "The personal lists find products that customers bought next; the list of popular products finds "
            "none."
        )
    return _(
        "The personal lists find %(times)s times as many of the products that customers bought next as the "
        "list of popular products."
    ) % {"times": number(comparison.ratio, 1)}


def recall_chart(comparison: Comparison) -> dict[str, Any]:
    """Bars with 95 % intervals: the share of what customers bought next that stood on the lists."""
    personal, popular = _both(comparison)
    return {
        "categories": [_("personal lists"), _("popular products")],
        "format": "percent",
        "horizontal": True,
        "x": _("share of what they bought next"),
        "title": _(
            "%(personal)s of what customers bought next stood on their personal list, %(popular)s on the "
            "popular one."
        )
        % {"personal": percent(personal.recall.mean), "popular": percent(popular.recall.mean)},
        "colours": ["#4F46E5", "#9AA3B5"],
        "series": [
            {
                "name": _("found"),
                "values": [round(metrics.recall.mean, 4) for metrics in (personal, popular)],
            }
        ],
        "intervals": [
            [round(metrics.recall.low, 4), round(metrics.recall.high, 4)] for metrics in (personal, popular)
        ],
    }


def metric_rows(comparison: Comparison) -> list[MetricRow]:
    """The table behind the sentence."""
    k, (personal, popular), difference = comparison.k, _both(comparison), comparison.difference
    return [
        _row(
            _("Products found, per customer"),
            _("how many of the %d offered were bought next") % k,
            (personal.found, popular.found, difference.found),
            lambda value: number(value, 2),
        ),
        _row(
            _("Recall@%d") % k,
            _("share of what was bought next that stood on the list"),
            (personal.recall, popular.recall, difference.recall),
        ),
        _row(
            _("NDCG@%d") % k,
            _("the same, worth more the higher it stood"),
            (personal.ndcg, popular.ndcg, difference.ndcg),
        ),
        _row(
            _("MAP@%d") % k,
            _("average precision over the places of the found products"),
            (personal.map, popular.map, difference.map),
        ),
        MetricRow(
            _("Coverage"),
            _("share of the catalogue that somebody is offered"),
            percent(comparison.methods[comparison.best].coverage, 1),
            percent(comparison.methods[comparison.baseline].coverage, 1),
        ),
    ]


def _both(comparison: Comparison) -> tuple[RankingMetrics, RankingMetrics]:
    """Metrics of the best method and of the baseline."""
    best, baseline = comparison.methods[comparison.best], comparison.methods[comparison.baseline]
    return best.metrics, baseline.metrics


def _row(
    title: str,
    meaning: str,
    intervals: tuple[Interval, Interval, Interval],
    form: Callable[[float], str] = lambda value: percent(value, 1),
) -> MetricRow:
    """`intervals`: personal, popular, difference; `form` writes a value."""
    personal, popular, difference = intervals
    return MetricRow(
        title,
        meaning,
        form(personal.mean),
        form(popular.mean),
        form(difference.mean),
        _("%(low)s to %(high)s") % {"low": form(difference.low), "high": form(difference.high)},
    )
