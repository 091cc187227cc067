from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.models import ApiKey, AuditEntry
from predictions.actions.refresh import refresh_predictions
from predictions.cards import EstimatorMetrics, Refusal, RowCounts
from predictions.models import Prediction, PredictionRun
from tests.factories import ConsentFactory
from tests.planted import TODAY
from tests.shops import seasoned_shop

KINDS = ["lifetime", "category", "buys_30"]


@pytest.fixture
def run(db) -> PredictionRun:
    """A published value of 210 customers; the other kinds fall back or say why not."""
    seasoned_shop(customers=210, days=300, until=TODAY)
    return next(run for run in refresh_predictions(as_of=TODAY, kinds=KINDS) if run.kind == "lifetime")


def test_an_empty_shop_names_the_next_step(mara, as_user):
    text = as_user(mara).get(reverse("predictions:overview")).text
    assert "No predictions yet" in text
    assert reverse("intake:imports") in text


def test_every_prediction_has_a_card(run, mara, as_user):
    text = as_user(mara).get(reverse("predictions:overview")).text
    for kind in KINDS:
        assert reverse("predictions:detail", args=[kind]) in text
    assert "customers will order within 30 days" in text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_for_each(run, mara, as_user, kind, language):
    browser = as_user(mara)
    browser.cookies["django_language"] = language
    response = browser.get(reverse("predictions:detail", args=[kind]))
    assert response.status_code == 200
    assert response.context["customers"].paginator.count == response.context["run"].customers


def test_a_refusal_says_why_and_what_stands_in(planted, mara, as_user):
    refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    text = as_user(mara).get(reverse("predictions:detail", args=["buys_30"])).text
    assert "Learning needs 200 customers with an order; there are 120." in text
    assert "Until then" in text


def test_customers_by_value_with_reasons(run, mara, as_user):
    browser = as_user(mara)
    highest = browser.get(reverse("predictions:detail", args=["lifetime"])).context["customers"]
    lowest = browser.get(reverse("predictions:detail", args=["lifetime"]), {"order": "lowest"}).context[
        "customers"
    ]
    values = [prediction.value for prediction in highest]
    assert values == sorted(values, reverse=True)
    assert max(prediction.value for prediction in lowest) <= min(values)
    assert all(
        "likely to be still a customer" in " ".join(prediction.why) or prediction.why
        for prediction in highest
    )


def test_the_export_equals_the_list_and_is_audited(run, mara, as_user):
    response = as_user(mara).get(reverse("predictions:export", args=["lifetime"]))
    rows = list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))
    assert rows[0] == ["customer_id", "currency", "value"]
    assert len(rows) - 1 == run.customers
    assert rows[1][1] == "GBP"
    assert AuditEntry.about(run).get().verb == "prediction.export"


def test_the_customer_page_says_what_and_why(run, mara, as_user):
    best = Prediction.objects.in_force("lifetime").order_by("-value").first()
    text = as_user(mara).get(reverse("predictions:customer-panel", args=[best.customer_id])).text
    assert "Value to come" in text
    assert "The typical customer has" in text


def test_a_fallback_says_so_on_list_customer_page_and_card(planted, mara, as_user):
    refresh_predictions(as_of=TODAY, kinds=["buys_30", "lifetime"])
    browser, why = as_user(mara), "Learning needs 200 customers with an order; there are 120."
    pages = [
        reverse("predictions:overview"),
        reverse("predictions:detail", args=["buys_30"]),
        reverse("predictions:customer-panel", args=[planted["loyal"][0]]),
    ]
    for address in pages:
        text = browser.get(address).text
        assert "fallback" in text
        assert why in text
    assert "ordered within 30 days" in text
    assert "as others came back" in text
    value = browser.get(reverse("predictions:detail", args=["lifetime"])).text
    assert "It was not tested" in value


def test_the_headline_judges_money_too(run, mara, as_user):
    text = as_user(mara).get(reverse("predictions:detail", args=["lifetime"])).text
    assert run.refused or "In the test £" in text
    assert text.index("In the test") < text.index("For analysts") or run.refused


def test_who_is_not_predicted_is_told_so(mara, as_user):
    assert "Nothing is predicted" in as_user(mara).get(reverse("predictions:customer-panel", args=[1])).text


def test_an_analyst_looks_and_does_not_start_jobs(run, ines, as_user):
    browser = as_user(ines)
    assert browser.get(reverse("predictions:overview")).status_code == 200
    assert browser.post(reverse("backoffice:run-now", args=["predictions.refresh"])).status_code == 403


def test_unknown_predictions_are_not_found(run, mara, as_user):
    assert as_user(mara).get(reverse("predictions:detail", args=["fortune"])).status_code == 404


def test_partners_read_predictions(run, mara):
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    partner = Client(headers={"Authorization": f"Bearer {secret}"})
    cards = {row["kind"]: row for row in partner.get("/api/v1/predictions/").json()}
    assert set(cards) == set(KINDS)
    assert cards["lifetime"]["currency"] == "GBP"
    assert cards["lifetime"]["card"]["lifetime"]["buyers"] > 0
    first = partner.get("/api/v1/predictions/lifetime/customers/?limit=150").json()
    second = partner.get(first["next"]).json()
    values = [row["value"] for row in first["results"] + second["results"]]
    assert len(values) == run.customers
    assert values == sorted(values, reverse=True)
    number = first["results"][0]["customer_id"]
    own = {row["kind"]: row for row in partner.get(f"/api/v1/customers/{number}/predictions/").json()}
    assert own["lifetime"]["value"] == values[0]
    assert own["lifetime"]["reasons"]
    assert own["lifetime"]["fallback"] == cards["lifetime"]["refusal"]
    assert all(row["fallback"] == cards[kind]["refusal"] for kind, row in own.items())
    assert partner.get("/api/v1/customers/nobody/predictions/").status_code == 404
    assert Client().get("/api/v1/predictions/").status_code == 401


def test_who_opted_out_of_personalisation_is_not_promised_a_prediction(mara, as_user):
    consent = ConsentFactory(purpose="profiling", granted=False)
    text = as_user(mara).get(reverse("predictions:customer-panel", args=[consent.customer_id])).text
    assert "opted out of personalisation" in text
    assert "looks again" not in text


def test_a_learner_no_better_than_chance_is_shown_as_such(run, mara, as_user):
    rows = (
        EstimatorMetrics("boosting", (0.7, 0.8), 0.01, auc=0.75),
        EstimatorMetrics("svm_linear", (0.44, 0.52), 0.01, auc=0.469),
    )
    buys = PredictionRun.objects.published("buys_30")
    buys.card = replace(buys.card, candidates=rows, rows=RowCounts(1, 1, 1), refused=Refusal("chance"))
    buys.save()
    text = as_user(mara).get(reverse("predictions:detail", args=["buys_30"])).text
    assert text.count('warn">no better than chance<') == 1
