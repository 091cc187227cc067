from __future__ import annotations

from predictions.cards import Curves, EstimatorMetrics, PredictionCard
from predictions.models import PredictionRun
from predictions.presenters.summaries import category, headline, in_words, meaning, method_name

TESTED = EstimatorMetrics("forest", (0.71, 0.79), 0.021, auc=0.75, curves=Curves())


def test_nobody_is_predicted_nought_or_certainty():
    run = PredictionRun(kind="buys_30")
    assert [in_words(run, value) for value in (0.0, 0.00001, 0.05, 0.634, 0.995, 1.0)] == [
        "0.1%",
        "0.1%",
        "5.0%",
        "63%",
        "99.5%",
        "99.9%",
    ]


def test_a_category_and_its_probability():
    run = PredictionRun(kind="category", card=PredictionCard(categories=("Coffee", "Tea")))
    assert in_words(run, 0.62, 2) == "Tea (62%)"
    assert category(run, 0) == ""


def test_a_plain_sentence_and_the_metrics_behind_it():
    card = PredictionCard(candidates=(TESTED,), tested="forest", total=120.4)
    shown = headline(PredictionRun(kind="buys_30", champion="forest", card=card))
    assert (shown.total, shown.unit) == ("120", "customers expected to buy")
    assert shown.tested.startswith("In the test it ranked 75% of pairs of customers correctly")
    assert "AUC" not in shown.tested
    assert shown.metrics == "AUC 0.75 (95% interval 0.71 to 0.79), calibration error 2.1%"


def test_churn_names_its_days_and_methods_have_names():
    assert "in the last 90 days" in meaning(PredictionRun(kind="churn", horizon_days=90))
    assert method_name("boosting") == "Gradient boosting"
    assert method_name("of a later version") == "of a later version"
