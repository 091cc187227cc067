from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.models import User
from recommendations.actions.refresh import refresh_recommendations
from recommendations.models import RecommendationRun
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=200)
RUNS = "/api/v1/recommendation-runs/"


def offers_url(number: str) -> str:
    return f"/api/v1/customers/{number}/recommendations/"


def test_a_customers_offers(ines, as_user, two_tastes):
    run = refresh_recommendations(as_of=AS_OF)["run"]
    answer = as_user(ines).get(offers_url("C3"), {"limit": 4}).json()
    assert (answer["customer_id"], answer["method"], answer["run"]) == (
        "C3",
        RecommendationRun.objects.get().method,
        run,
    )
    assert len(answer["results"]) == 4
    best = answer["results"][0]
    assert best["reason"] == f"because you bought Title of {best['because_sku']}"
    assert (best["price"], best["currency"]) == ("9.9000", "GBP")
    assert best["score"] >= answer["results"][1]["score"]


def test_before_the_first_run(ines, as_user, shop):
    shop.customer("A")
    answer = as_user(ines).get(offers_url("A")).json()
    assert (answer["method"], answer["run"], answer["results"]) == (None, None, [])
    assert answer["popular_because"] is None


def test_the_popular_list_says_why(ines, as_user, two_tastes, shop):
    shop.customer("new")
    refresh_recommendations(as_of=AS_OF, compare=False)
    assert as_user(ines).get(offers_url("C3")).json()["popular_because"] is None
    answer = as_user(ines).get(offers_url("new")).json()
    assert (answer["method"], answer["popular_because"]) == (
        "popular",
        "popular products: no purchases or views to learn from",
    )


def test_runs_carry_their_comparison(ines, as_user, two_tastes):
    old, new = (refresh_recommendations(as_of=AS_OF)["run"] for _ in range(2))
    runs = as_user(ines).get(RUNS).json()["results"]
    assert [(run["id"], run["in_force"]) for run in runs] == [(new, True), (old, False)]
    assert runs[0]["evaluation"]["comparison"]["ratio"] > 1
    assert runs[0]["left_out"] == {"refused": 0, "no_history": 0, "ordinary": 0, "not_better": 0}


@pytest.mark.parametrize("limit", ["0", "21", "many"])
def test_a_bad_limit_is_named(ines, as_user, shop, limit):
    shop.customer("A")
    answer = as_user(ines).get(offers_url("A"), {"limit": limit})
    assert answer.status_code == 400
    assert "limit" in answer.json()["errors"]


def test_unknown_customers_and_missing_rights(ines, as_user, client, db):
    assert as_user(ines).get(offers_url("nobody")).status_code == 404
    assert client.get(RUNS).status_code in {401, 403}
    stranger = User.objects.create(username="stranger")
    assert as_user(stranger).get(RUNS).status_code == 403
    assert as_user(stranger).get(offers_url("nobody")).status_code == 403
