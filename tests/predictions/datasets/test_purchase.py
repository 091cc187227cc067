from __future__ import annotations

from predictions.datasets.purchase import churn_days
from tests.planted import TODAY
from tests.predictions.datasets.conftest import ago


def test_the_days_without_an_order_that_mean_gone(ann, tea):
    assert churn_days(as_of=TODAY) == 60  # 90 % of the gaps of 30 and 60 days are shorter than 57
    assert churn_days(as_of=ago(90)) == 30
