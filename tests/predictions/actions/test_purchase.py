from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from predictions.actions.refresh import refresh_predictions
from predictions.algorithms.rate_table import TABLE_ROWS
from predictions.algorithms.reasons import decode
from predictions.cards import Refusal
from predictions.models import Prediction
from predictions.presenters.reasons import reasons
from predictions.presenters.refusals import refusal
from shop.models import Customer
from tests.planted import TODAY, buy
from tests.shops import seasoned_shop


def values_of(kind: str) -> dict[int, float]:
    return dict(Prediction.objects.in_force(kind).values_list("customer", "value"))


def test_everybody_gets_a_probability_with_reasons(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    assert not run.refused
    predicted = Prediction.objects.in_force("buys_30")
    assert predicted.count() == run.customers == len(seasoned)
    assert run.card.total == pytest.approx(sum(prediction.value for prediction in predicted))
    assert all(
        0 < prediction.value < 1 and decode(prediction.reasons).contributions for prediction in predicted
    )
    assert run.card.metrics_of(run.champion).interval[0] > 0.6
    assert {(group.trait, group.name) for group in run.card.fairness} >= {
        ("gender", "women"),
        ("country", "GB"),
    }
    assert (
        sum(group.customers for group in run.card.fairness if group.trait == "gender") == run.card.rows.test
    )
    assert not {"age", "female", "income"} & set(run.card.features)


def test_churn_is_predicted_for_those_who_bought_lately(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["churn"])
    churn, latest = values_of("churn"), {}
    for customer, placed in Customer.objects.filter(orders__isnull=False).values_list(
        "pk", "orders__placed_at"
    ):
        latest[customer] = max(placed, latest.get(customer, placed))
    assert set(churn) == {
        pk for pk, placed in latest.items() if TODAY - placed < timedelta(days=run.horizon_days)
    }
    silent = {pk: (TODAY - latest[pk]).days for pk in churn}
    middle = np.median(list(silent.values()))
    long_silent = [churn[pk] for pk in churn if silent[pk] > middle]
    assert np.mean(long_silent) > np.mean([churn[pk] for pk in churn if silent[pk] <= middle])


def test_too_few_buyers_are_counted_not_learned_from(planted):
    runs = {run.kind: run for run in refresh_predictions(as_of=TODAY)}
    assert set(runs) == {
        "lifetime",
        "buys_7",
        "buys_30",
        "buys_90",
        "churn",
    }  # one category leaves nothing to choose
    assert all(
        run.refused and run.champion == ("repeat_rate" if kind == "lifetime" else "table")
        for kind, run in runs.items()
    )
    assert runs["buys_30"].card.refused == Refusal("buyers", needed=200, found=120)
    values = values_of("buys_30")
    assert len(values) == 120
    assert np.mean([values[pk] for pk in planted["loyal"]]) > np.mean([values[pk] for pk in planted["lost"]])
    for prediction in Prediction.objects.in_force():
        assert reasons(prediction), prediction.run.kind
    likeliest = Prediction.objects.in_force("buys_30").order_by("-value").first()
    cell = runs["buys_30"].card.table[decode(likeliest.reasons).contributions[0].feature]
    assert reasons(likeliest)[0].startswith(f"Of {cell.customers} earlier cases with ")
    assert "ordered within 30 days" in reasons(likeliest)[0]


def test_a_fallback_has_the_share_of_the_latest_time(planted):
    for run in refresh_predictions(as_of=TODAY, kinds=["buys_30", "churn"]):
        latest = run.card.windows[-1]
        counted = [sum(getattr(cell, key) for cell in run.card.table) for key in ("positives", "customers")]
        if latest.customers >= TABLE_ROWS:
            assert counted == [latest.positives, latest.customers]
        assert run.card.mean == pytest.approx(counted[0] / counted[1], abs=0.15)


def test_probabilities_that_were_not_confirmed_are_refused_with_the_points(seasoned, monkeypatch):
    monkeypatch.setattr("predictions.algorithms.metrics.max_calibration_error", lambda outcome: 0.0001)
    (run,) = refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    assert (run.champion, run.card.refused.reason) == ("table", "calibration")
    assert run.card.refused.found == run.card.metrics_of(run.card.tested).calibration_error
    assert "off by" in refusal(run)
    assert run.card.mean == pytest.approx(run.card.rate, abs=0.06)


def test_a_short_history_is_refused_with_the_days_it_needs(db):
    seasoned_shop(customers=400, days=100, until=TODAY)
    (run,) = refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    assert run.card.refused == Refusal("history", needed=120, found=100)
    assert values_of("buys_30")


def test_too_few_outcomes_are_refused(db, tea):
    people = Customer.objects.bulk_create(
        [Customer(external_id=f"x{i}", created_at=TODAY - timedelta(days=300)) for i in range(210)]
    )
    for i, person in enumerate(people):
        buy(person, tea, TODAY - timedelta(days=300 - i / 10), Decimal(10))
    buy(people[0], tea, TODAY - timedelta(days=3), Decimal(10))
    (run,) = refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    assert (run.card.refused.reason, run.card.refused.found) == ("outcomes", 0)
