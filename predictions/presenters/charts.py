"""The pictures of an estimator card: {"id", "kind", "title", "sub", "data"} for `static/marketops/app.js`. A
title is a finding."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import money_rounded, number, percent
from predictions.cards import Curves, EstimatorMetrics, LifetimeTest
from predictions.models import PredictionKind, PredictionRun
from predictions.presenters.summaries import champion_metrics, method_name

GREY, ACCENT, ORANGE = "#9AA3B5", "#4F46E5", "#E69F00"
FIFTH, TENTH = 0.2, 0.1


def charts(run: PredictionRun) -> list[dict[str, Any]]:
    """All that the card can show; none where nothing was tested."""
    if run.kind == PredictionKind.LIFETIME:
        test = run.card.lifetime and run.card.lifetime.test
        return [_expected_money(run, test), _money_gain(test.curves)] if test and not run.refused else []
    champion = champion_metrics(run)
    if champion is None:
        return []
    if run.kind == PredictionKind.CATEGORY:
        curves = run.card.curves or Curves()
        return [_compared(run, "accuracy"), _calibration(curves, champion.calibration_error)]
    curves = champion.curves or Curves()
    return [
        _compared(run, "auc"),
        _gain(run, curves),
        _lift(curves),
        _calibration(curves, champion.calibration_error),
    ]


def _picture(name: str, kind: str, title: str, sub: str, **data: Any) -> dict[str, Any]:
    return {"id": f"chart-{name}", "kind": kind, "title": title, "sub": sub, "data": data}


def _compared(run: PredictionRun, metric: str) -> dict[str, Any]:
    rows = run.card.candidates
    best = next(_metric(row, metric) for row in rows if row.name == run.champion)
    if metric == "auc":
        title = _("%(method)s ranks %(share)s of pairs of customers correctly") % {
            "method": method_name(run.champion),
            "share": percent(best),
        }
        unit = _("pairs of customers ranked correctly; chance has 50%")
    else:
        title = _("%(method)s predicts the next category correctly %(share)s of the time") % {
            "method": method_name(run.champion),
            "share": percent(best),
        }
        unit = _("share of next orders predicted correctly")
    return _picture(
        "compared",
        "bars",
        title,
        _("On the latest period, which no method was trained on. Whiskers: interval of 95%."),
        categories=[method_name(row.name) for row in rows],
        horizontal=True,
        format="percent",
        x=unit,
        colours=[ACCENT if row.name == run.champion else GREY for row in rows],
        series=[{"name": unit, "values": [round(_metric(row, metric), 4) for row in rows]}],
        intervals=[[round(end, 4) for end in row.interval] for row in rows],
    )


def _metric(row: EstimatorMetrics, metric: str) -> float:
    value: float = getattr(row, metric)
    return value


def _at(curves: Curves, name: str, share: float) -> float:
    """The value of a curve where the best-scored `share` ends."""
    points = zip(curves.share, getattr(curves, name), strict=True)
    return next(value for at, value in points if at >= share - 1e-9)


def _points(curves: Curves, name: str) -> list[list[float]]:
    return [
        [round(100 * at, 1), round(value, 4)]
        for at, value in zip(curves.share, getattr(curves, name), strict=True)
    ]


def _gain(run: PredictionRun, curves: Curves) -> dict[str, Any]:
    gain = {"share": percent(FIFTH), "gain": percent(_at(curves, "gain", FIFTH))}
    if run.kind == PredictionKind.CHURN:
        title = _("The %(share)s most at risk hold %(gain)s of those who churned") % gain
    else:
        title = _("The %(share)s most likely hold %(gain)s of those who bought") % gain
    return _gain_picture(title, curves)


def _money_gain(curves: Curves) -> dict[str, Any]:
    return _gain_picture(
        _("The %(share)s worth most account for %(gain)s of the money spent")
        % {"share": percent(FIFTH), "gain": percent(_at(curves, "gain", FIFTH))},
        curves,
    )


def _gain_picture(title: str, curves: Curves) -> dict[str, Any]:
    return _picture(
        "gain",
        "lines",
        title,
        _("Gain: the share reached when the best-ranked are addressed first."),
        format="percent",
        x=_("customers in %, best first"),
        series=[
            {"name": _("this prediction"), "points": [[0, 0], *_points(curves, "gain")], "colour": ACCENT},
            {"name": _("in any order"), "points": [[0, 0], [100, 1]], "colour": GREY, "dashed": True},
        ],
    )


def _lift(curves: Curves) -> dict[str, Any]:
    return _picture(
        "lift",
        "lines",
        _("The top %(share)s do it %(times)s times as often as the average customer")
        % {"share": percent(TENTH), "times": number(_at(curves, "lift", TENTH), 1)},
        _("Lift: how many times the average, among the best-ranked."),
        format="ratio",
        x=_("customers in %, best first"),
        series=[
            {"name": _("this prediction"), "points": _points(curves, "lift"), "colour": ACCENT},
            {"name": _("in any order"), "points": [[5, 1], [100, 1]], "colour": GREY, "dashed": True},
        ],
    )


def _calibration(curves: Curves, error: float) -> dict[str, Any]:
    pairs = [
        [round(100 * predicted, 2), round(observed, 4)]
        for predicted, observed in zip(curves.predicted, curves.observed, strict=True)
    ]
    most = max([at for at, _observed in pairs] + [100 * observed for _at, observed in pairs])
    return _picture(
        "calibration",
        "lines",
        _("The probabilities are off by %(points)s points on average") % {"points": number(100 * error, 1)},
        _(
            "Calibration: of those with a predicted probability, how many did it. On the dashed line they "
            "agree."
        ),
        format="percent",
        x=_("predicted probability, %"),
        series=[
            {"name": _("observed"), "points": pairs, "colour": ACCENT},
            {
                "name": _("as predicted"),
                "points": [[0, 0], [round(most, 1), round(most / 100, 4)]],
                "colour": GREY,
                "dashed": True,
            },
        ],
    )


def _expected_money(run: PredictionRun, test: LifetimeTest) -> dict[str, Any]:
    rows, last = test.by_frequency, test.by_frequency[-1].repeat_orders
    names = [
        _("%d or more") % row.repeat_orders if row.repeat_orders == last else number(row.repeat_orders)
        for row in rows
    ]
    return _picture(
        "money",
        "bars",
        _("%(expected)s was expected of known customers in %(days)s days, %(spent)s was spent")
        % {
            "expected": money_rounded(test.money_predicted, run.currency),
            "spent": money_rounded(test.money_observed, run.currency),
            "days": number(test.days),
        },
        _(
            "Money a customer, predicted from what was known before; by the number of repeat orders until "
            "then."
        ),
        categories=names,
        x=_("repeat orders before"),
        format="ratio",
        series=[
            {"name": _("expected"), "values": [round(row.expected, 2) for row in rows], "colour": ACCENT},
            {"name": _("observed"), "values": [round(row.observed, 2) for row in rows], "colour": ORANGE},
        ],
    )
