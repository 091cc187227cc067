"""Budget plans for partner tools."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ads.models import BudgetPlan

pytestmark = pytest.mark.django_db


def test_api_computes_a_plan_once(api, three_ads):
    answers = [
        api.post(
            "/api/v1/budget-plans/", {"budget": "1000"}, format="json", headers={"Idempotency-Key": "one"}
        )
        for _ in "ab"
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert BudgetPlan.objects.count() == 1
    plan = api.get("/api/v1/budget-plans/").json()["results"][0]
    assert Decimal(plan["expected_return"]) == 3000
    assert {line["placement_name"]: Decimal(line["spend"]) for line in plan["lines"]} == {
        "A": 400,
        "B": 300,
        "C": 300,
    }


def test_api_explains_the_impossible_and_refuses_the_wrong(api, three_ads):
    bounds = [{"placement": p.pk, "min_spend": "400"} for p in three_ads]
    plan = api.post("/api/v1/budget-plans/", {"budget": "1000", "bounds": bounds}, format="json").json()
    assert plan["status"] == "infeasible"
    assert "Raise the budget to £1,200." in plan["remedies"]
    wrong = api.post(
        "/api/v1/budget-plans/", {"budget": "1000", "bounds": [{"placement": 9999}]}, format="json"
    )
    assert wrong.status_code == 400
    assert "9999" in str(wrong.json()["errors"])
