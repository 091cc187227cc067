"""Customers and products over the API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from tests.factories import ApiKeyFactory, CustomerFactory, ProductFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(mara: Any) -> Any:
    key = ApiKeyFactory(owner=mara).key
    return lambda path: Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"})


def test_one_customer_by_the_shops_own_number(api: Any) -> None:
    CustomerFactory(external_id="web.42", email="jo@example.com", attributes={"plan": "gold"})
    answer = api("/customers/web.42/")
    assert answer.status_code == 200
    assert {
        "external_id": "web.42",
        "email": "jo@example.com",
        "attributes": {"plan": "gold"},
    }.items() <= answer.json().items()
    missing = api("/customers/nobody/")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


def test_customers_by_cursor_and_filter(api: Any) -> None:
    for n in range(5):
        CustomerFactory(external_id=f"C{n}", email=f"c{n}@example.com")
    first = api("/customers/?limit=3").json()
    second = api("/customers/?" + first["next"].partition("?")[2]).json()
    assert [one["external_id"] for one in first["results"] + second["results"]] == [
        "C4",
        "C3",
        "C2",
        "C1",
        "C0",
    ]
    assert second["next"] is None
    assert [one["external_id"] for one in api("/customers/?email=C3@EXAMPLE.com").json()["results"]] == ["C3"]
    assert [one["external_id"] for one in api("/customers/?external_id=C1").json()["results"]] == ["C1"]


def test_products(api: Any) -> None:
    ProductFactory(sku="A", category="Shoes")
    ProductFactory(sku="B", category="Bags")
    assert [one["sku"] for one in api("/products/?category=Bags").json()["results"]] == ["B"]
    assert api("/products/A/").json()["price"] == "20.0000"


def test_who_may_not_look_is_refused() -> None:
    CustomerFactory(external_id="C1")
    key = ApiKeyFactory(owner=UserFactory()).key
    assert (
        Client().get("/api/v1/customers/C1/", headers={"Authorization": f"Bearer {key}"}).status_code == 403
    )
    assert Client().get("/api/v1/customers/C1/").status_code in {401, 403}


def test_the_schema_describes_both(api: Any) -> None:
    schema = Client().get("/api/schema/?format=json").json()
    assert {"/api/v1/customers/", "/api/v1/customers/{external_id}/", "/api/v1/products/"} <= set(
        schema["paths"]
    )


def test_the_schema_describes_the_tracking_interface(api: Any) -> None:
    schema = Client().get("/api/schema/?format=json").json()
    assert {
        f"/v1/{kind}" for kind in ("identify", "track", "page", "screen", "group", "alias", "batch")
    } <= set(schema["paths"])
    named = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schema))
    assert set(named) <= set(schema["components"]["schemas"])
    batch = schema["paths"]["/v1/batch"]["post"]["requestBody"]["content"]["application/json"]["example"]
    key = ApiKeyFactory(owner=UserFactory(is_superuser=True)).key
    answer = Client().post(
        "/v1/batch", batch, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )
    told = {"success": True, "accepted": 2, "repeated": 0, "erased": 0, "rejected": []}
    assert answer.json() == told, "the example is one that works"
