from __future__ import annotations

import numpy as np

from predictions.algorithms import metrics
from predictions.cards import EstimatorMetrics, PredictionCard, Refusal
from predictions.models import PredictionRun
from predictions.presenters.charts import charts

OUTCOME = np.repeat([0.0, 1.0], 200)
CURVES = metrics.curves(OUTCOME, np.linspace(0.01, 0.99, 400))


def test_a_tested_probability_has_four_pictures_whose_titles_are_findings():
    tested = EstimatorMetrics("forest", (0.7, 0.8), 0.02, auc=0.75, curves=CURVES)
    run = PredictionRun(kind="churn", champion="forest", card=PredictionCard(candidates=(tested,)))
    pictures = charts(run)
    assert [picture["id"] for picture in pictures] == [
        "chart-compared",
        "chart-gain",
        "chart-lift",
        "chart-calibration",
    ]
    assert pictures[0]["title"] == "Random forest ranks 75% of pairs of customers correctly"
    assert pictures[1]["title"] == "The 20% most at risk hold 40% of those who churned"
    assert pictures[3]["data"]["series"][0]["points"], "calibration has points"


def test_nothing_is_drawn_of_what_was_not_tested():
    card = PredictionCard(refused=Refusal("buyers"))
    for kind in ("lifetime", "category", "buys_7"):
        assert charts(PredictionRun(kind=kind, champion="table", card=card)) == []
