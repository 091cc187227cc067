from __future__ import annotations

import re

import pytest

from predictions.actions.refresh import refresh_predictions
from predictions.algorithms.reasons import decode
from predictions.models import Prediction
from predictions.presenters.reasons import reasons
from tests.planted import TODAY


def test_the_next_category_is_predicted(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["category"])
    assert not run.refused
    best = Prediction.objects.in_force("category").order_by("-value").first()
    assert run.card.categories[best.choice - 1] in {"Coffee", "Tea", "Cups"}
    why = decode(best.reasons)
    assert best.value == pytest.approx(why.contributions[0].amount + why.typical)
    assert re.fullmatch(r"The typical customer has \d+%", reasons(best)[-1])
    assert run.card.metrics_of("favourite").accuracy > run.card.metrics_of("most_popular").accuracy
    champion = run.card.metrics_of(run.champion)
    countries = [group for group in run.card.fairness if group.trait == "country"]
    assert sum(group.customers * group.observed for group in countries) == pytest.approx(
        champion.accuracy * run.card.rows.test
    )
