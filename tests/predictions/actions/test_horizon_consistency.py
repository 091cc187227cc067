from __future__ import annotations

import numpy as np
import pytest

from predictions.actions.horizon_consistency import HorizonConsistency
from predictions.actions.refresh import refresh_predictions
from predictions.actions.results import PredictionResult
from predictions.algorithms.reasons import decode
from predictions.cards import PredictionCard
from predictions.models import Prediction, PredictionRun
from tests.planted import TODAY


def values_of(kind: str) -> dict[int, float]:
    return dict(Prediction.objects.in_force(kind).values_list("customer", "value"))


def test_a_longer_time_is_never_less_likely(seasoned):
    refresh_predictions(as_of=TODAY, kinds=["buys_7", "buys_30", "buys_90"])
    week, month, quarter = (values_of(kind) for kind in ("buys_7", "buys_30", "buys_90"))
    assert set(week) == set(month) == set(quarter)
    assert all(week[pk] < month[pk] < quarter[pk] for pk in week)


def test_a_longer_time_leaves_at_least_a_tenth_of_the_pace():
    def result(kind, days, values):
        return PredictionResult(
            kind,
            days,
            "rfm",
            PredictionCard(),
            np.arange(4),
            lambda part: (values[part], np.zeros(4, np.int64), np.zeros((4, 0))),
        )

    consistency, adjusted = HorizonConsistency(), []
    for kind, days, values in (
        ("buys_7", 7, [0.63, 0.5, 0.0, 0.01]),
        ("buys_30", 30, [0.63, 0.9, 0.0, 0.009]),
        ("buys_90", 90, [0.2, 0.9, 0.0, 0.3]),
    ):
        found = result(kind, days, np.array(values))
        consistency.begin(found)
        adjusted.append(consistency.adjust(found, slice(None), np.array(values)))
    week, month, quarter = adjusted
    assert month[0] == pytest.approx(1 - 0.37 ** (1 + 0.1 * 23 / 7))
    assert week[0] < month[0] < quarter[0] < 1
    assert (month[1], quarter[3]) == (0.9, 0.3)  # what is well above stays as it is
    assert quarter[1] > month[1]
    assert (week[2], month[2], quarter[2]) == (0, 0, 0)
    stops = PredictionResult(
        "churn",
        120,
        "boosting",
        PredictionCard(),
        np.array([2, 3, 9]),
        lambda part: (np.zeros(0), np.zeros(0), np.zeros(0)),
    )
    consistency.begin(stops)
    assert consistency.adjust(stops, slice(None), np.array([0.4, 0.9, 0.9])) == pytest.approx(
        [0.4, 0.7 ** (1 + 0.1 * 30 / 90), 0.9]
    )


def test_nobody_is_predicted_to_churn_and_to_buy(seasoned):
    refresh_predictions(as_of=TODAY, kinds=["buys_7", "buys_30", "buys_90", "churn"])
    days = PredictionRun.objects.published("churn").horizon_days
    shorter = values_of("buys_90" if days >= 90 else "buys_30")
    stops = values_of("churn")
    assert stops
    assert all(value + shorter[pk] <= 1 + 1e-9 for pk, value in stops.items())
    for prediction in Prediction.objects.in_force("churn"):
        assert decode(prediction.reasons).adjustment <= 0, "churn is only ever lowered"
