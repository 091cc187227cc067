"""Campaigns for partner tools."""

from __future__ import annotations

from typing import Any

from backoffice.models import ApiKey, User
from campaigns.models import Campaign, Message
from shop.models import Order
from tests.campaigns.conftest import make_customers, make_segment


def test_api(mara: User, message: Message, client: Any) -> None:
    _row, key = ApiKey.objects.create_key(name="partner", owner=mara)
    segment = make_segment(make_customers(3))
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "order-1"}
    body = {
        "name": "By tool",
        "segment": segment.pk,
        "message": message.pk,
        "currency": "GBP",
        "holdout_percent": 0,
    }
    first = client.post("/api/v1/campaigns/", body, content_type="application/json", headers=headers)
    again = client.post("/api/v1/campaigns/", body, content_type="application/json", headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Campaign.objects.count() == 1
    headers.pop("Idempotency-Key")
    url = f"/api/v1/campaigns/{first.json()['id']}/"
    assert client.post(f"{url}submit/", headers=headers).json()["state"] == "submitted"
    assert client.post(f"{url}submit/", headers=headers).status_code == 422
    assert client.get(url, headers=headers).json()["counts"]["sent"] == 0
    assert len(client.get("/api/v1/campaigns/?state=draft", headers=headers).json()["results"]) == 0
    wrong = client.post(
        "/api/v1/campaigns/", {**body, "segment": 0}, content_type="application/json", headers=headers
    )
    assert wrong.status_code == 400
    assert wrong["Content-Type"].startswith("application/problem+json")
    assert "segment" in wrong.json()["errors"]
    body.pop("currency")
    nameless = client.post("/api/v1/campaigns/", body, content_type="application/json", headers=headers)
    assert list(nameless.json()["errors"]) == ["currency"]  # a shop without an order has none
    Order.objects.create(number="1", placed_at="2026-01-01T00:00Z", currency="EUR")
    assert (
        client.post("/api/v1/campaigns/", body, content_type="application/json", headers=headers).json()[
            "currency"
        ]
        == "EUR"
    )
