"""Other groupings and learned segments for partner tools."""

from __future__ import annotations

import json

from backoffice.models import JobRun
from segments.actions.groupings import group_customers
from shop.models import Customer
from tests.planted import TODAY

BUYING = ["recency", "frequency", "monetary", "tenure"]


def content(response) -> str:
    return response.content.decode()


def test_partner_tools_set_up_groupings_and_learned_segments(planted, mara, as_user):
    browser = as_user(mara)
    keys = [one["key"] for one in browser.get("/api/v1/features/").json()]
    assert {"recency", "age", "price_tier"} <= set(keys)
    asked = {"title": "By API", "method": "kmeans", "features": BUYING}
    made = browser.post("/api/v1/groupings/", json.dumps(asked), content_type="application/json")
    assert made.status_code == 201
    group_customers(plan_id=made.json()["id"], as_of=TODAY)
    assert len(browser.get("/api/v1/groupings/").json()[0]["segments"]) >= 2
    wrong = browser.post(
        "/api/v1/groupings/", json.dumps(asked | {"features": ["recency"]}), content_type="application/json"
    )
    assert wrong.status_code == 422
    assert "at least two features" in content(wrong)
    numbers = list(Customer.objects.filter(pk__in=planted["lost"][:22]).values_list("external_id", flat=True))
    learned = browser.post(
        "/api/v1/learned-segments/",
        json.dumps({"title": "Like the lost", "source": "list", "customers": numbers, "size": 10}),
        content_type="application/json",
    )
    assert learned.status_code == 201, content(learned)
    assert JobRun.objects.filter(name="segments.learn").exists()
