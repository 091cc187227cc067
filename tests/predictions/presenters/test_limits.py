from __future__ import annotations

from predictions.cards import (
    Doubt,
    EstimatorMetrics,
    LifetimeDetails,
    LifetimeTest,
    MoneyMethod,
    PredictionCard,
    Refusal,
)
from predictions.models import PredictionRun
from predictions.presenters.limits import limits


def test_a_lead_by_chance_and_a_surrogate_are_named():
    tested = EstimatorMetrics("svm_kernel", (0.7, 0.8), 0.02, auc=0.75, lead=(-0.01, 0.02))
    card = PredictionCard(candidates=(tested,), fidelity=0.8)
    found = " ".join(limits(PredictionRun(kind="buys_30", champion="svm_kernel", card=card)))
    assert "no better than “RFM score”" in found
    assert "surrogate that explains 80%" in found


def test_the_method_for_money_is_justified():
    doubtful = MoneyMethod("bgnbd_gamma", 10, 1, doubt=Doubt("tail", 1.4))
    details = LifetimeDetails(
        buyers=300,
        cap=900,
        test=LifetimeTest("", days=180, customers=300, money_predicted=1, money_observed=1),
        methods=(doubtful,),
    )
    run = PredictionRun(
        kind="lifetime", champion="bgnbd_mean", currency="GBP", card=PredictionCard(lifetime=details)
    )
    found = limits(run)
    assert any("Nothing is promised beyond 180 days" in line for line in found)
    assert any("(q = 1.40)" in line for line in found)
    assert any("£900 at most" in line for line in found)


def test_the_fallback_has_limits_of_its_own():
    card = PredictionCard(refused=Refusal("buyers"), lifetime=LifetimeDetails(buyers=3))
    assert any("It was not tested" in line for line in limits(PredictionRun(kind="lifetime", card=card)))
