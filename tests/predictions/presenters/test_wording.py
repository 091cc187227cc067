from __future__ import annotations

import math

from django.utils import translation

from predictions.models import Prediction, PredictionRun
from predictions.presenters.wording import reasons


def test_what_two_features_say_in_the_same_words_is_said_once():
    run = PredictionRun(kind="buys_30", card={"features": ["gap", "overdue", "frequency"]})
    why = [0, -0.04, math.nan, 2, -0.06, 1.0, 1, -0.03, math.nan]
    with translation.override("en"):
        assert reasons(Prediction(run=run, reasons=why)) == [
            "No second order yet: −7 points",
            "Orders: 1: −6 points",
        ]
