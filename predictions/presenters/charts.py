"""The pictures of an estimator card: {"id", "kind", "title", "sub", "data"} for `static/marketops/app.js`. A
title is a finding."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import number, percent
from predictions.models import PredictionKind, PredictionRun
from predictions.presenters.wording import champion_row, method_name

GREY, ACCENT, ORANGE = "#9AA3B5", "#4F46E5", "#E69F00"
FIFTH, TENTH = 0.2, 0.1


def charts(run: PredictionRun) -> list[dict[str, Any]]:
    """All that the card can show; none where nothing was tested."""
    if run.kind == PredictionKind.LIFETIME:
        tested = "test" in run.card and not run.refused
        return [_expected_orders(run.card["test"]), _money_gain(run.card["test"]["gains"])] if tested else []
    champion = champion_row(run)
    if champion is None:
        return []
    if run.kind == PredictionKind.CATEGORY:
        return [_compared(run, "accuracy"), _calibration(run.card["curves"], champion["ece"])]
    return [
        _compared(run, "auc"),
        _gain(run, champion["curves"]),
        _lift(champion["curves"]),
        _calibration(champion["curves"], champion["ece"]),
    ]


def _picture(name: str, kind: str, title: str, sub: str, **data: Any) -> dict[str, Any]:
    return {"id": f"chart-{name}", "kind": kind, "title": title, "sub": sub, "data": data}


def _compared(run: PredictionRun, metric: str) -> dict[str, Any]:
    rows = run.card["candidates"]
    best = next(row for row in rows if row["name"] == run.champion)
    if metric == "auc":
        title = _("%(method)s: in %(share)s of pairs it puts the right customer first") % {
            "method": method_name(run.champion),
            "share": percent(best["auc"]),
        }
        unit = _("AUC: share of pairs ranked rightly; a coin has 50%")
    else:
        title = _("%(method)s names the next category rightly %(share)s of the time") % {
            "method": method_name(run.champion),
            "share": percent(best["accuracy"]),
        }
        unit = _("share of next orders named rightly")
    return _picture(
        "compared",
        "bars",
        title,
        _("On the latest period, which no method had seen. Whiskers: interval of 95%."),
        categories=[method_name(row["name"]) for row in rows],
        horizontal=True,
        format="percent",
        x=unit,
        colours=[ACCENT if row["name"] == run.champion else GREY for row in rows],
        series=[{"name": unit, "values": [round(row[metric], 4) for row in rows]}],
        intervals=[[round(end, 4) for end in row["interval"]] for row in rows],
    )


def _at(curves: dict[str, list[float]], name: str, share: float) -> float:
    return next(value for at, value in zip(curves["share"], curves[name], strict=True) if at >= share - 1e-9)


def _points(curves: dict[str, list[float]], name: str) -> list[list[float]]:
    return [
        [round(100 * at, 1), round(value, 4)] for at, value in zip(curves["share"], curves[name], strict=True)
    ]


def _gain(run: PredictionRun, curves: dict[str, list[float]]) -> dict[str, Any]:
    gain = {"share": percent(FIFTH), "gain": percent(_at(curves, "gain", FIFTH))}
    if run.kind == PredictionKind.CHURN:
        title = _("The %(share)s most at risk hold %(gain)s of those who stopped") % gain
    else:
        title = _("The %(share)s most likely hold %(gain)s of those who bought") % gain
    return _gain_picture(title, curves)


def _money_gain(curves: dict[str, list[float]]) -> dict[str, Any]:
    return _gain_picture(
        _("The %(share)s worth most brought %(gain)s of the money that came")
        % {"share": percent(FIFTH), "gain": percent(_at(curves, "gain", FIFTH))},
        curves,
    )


def _gain_picture(title: str, curves: dict[str, list[float]]) -> dict[str, Any]:
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


def _lift(curves: dict[str, list[float]]) -> dict[str, Any]:
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


def _calibration(curves: dict[str, list[float]], error: float) -> dict[str, Any]:
    pairs = [
        [round(100 * said, 2), round(came, 4)]
        for said, came in zip(curves["predicted"], curves["observed"], strict=True)
    ]
    most = max([at for at, _came in pairs] + [100 * came for _said, came in pairs])
    return _picture(
        "calibration",
        "lines",
        _("The probabilities are off by %(points)s points on average") % {"points": number(100 * error, 1)},
        _("Calibration: of those told a probability, how many did it. On the dashed line they agree."),
        format="percent",
        x=_("predicted probability, %"),
        series=[
            {"name": _("came true"), "points": pairs, "colour": ACCENT},
            {
                "name": _("as predicted"),
                "points": [[0, 0], [round(most, 1), round(most / 100, 4)]],
                "colour": GREY,
                "dashed": True,
            },
        ],
    )


def _expected_orders(test: dict[str, Any]) -> dict[str, Any]:
    rows, last = test["by_frequency"], test["by_frequency"][-1]["again"]
    names = [_("%d or more") % row["again"] if row["again"] == last else number(row["again"]) for row in rows]
    return _picture(
        "orders",
        "bars",
        _("%(expected)s orders were expected of known customers in %(days)s days, %(orders)s came")
        % {
            "expected": number(test["expected"]),
            "orders": number(test["orders"]),
            "days": number(test["days"]),
        },
        _(
            "Orders a customer, foretold from what was known before; by how often they had come back until "
            "then."
        ),
        categories=names,
        x=_("times come back before"),
        format="ratio",
        series=[
            {"name": _("expected"), "values": [round(row["expected"], 3) for row in rows], "colour": ACCENT},
            {"name": _("came"), "values": [round(row["actual"], 3) for row in rows], "colour": ORANGE},
        ],
    )
