from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import ApiKey
from segments.actions.refresh import refresh_segments
from segments.models import Segment
from tests.segments.conftest import EACH, TODAY


@pytest.fixture
def partner(mara, planted) -> Client:
    refresh_segments(as_of=TODAY)
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_segments_with_size_worth_and_reasons(partner):
    body = partner.get("/api/v1/segments/?run__method=kmeans").json()
    champions = next(one for one in body if one["slug"] == "champions")
    assert champions["size"] == EACH
    assert champions["currency"] == "GBP"
    assert champions["reasons"]


def test_members_page_by_page(partner):
    segment = Segment.objects.get(method="kmeans", slug="champions")
    first = partner.get(f"/api/v1/segments/{segment.pk}/members/?limit=30").json()
    second = partner.get(first["next"]).json()
    numbers = [row["customer_id"] for row in first["results"] + second["results"]]
    assert len(numbers) == len(set(numbers)) == EACH
    assert second["next"] is None


def test_the_segments_of_a_customer(partner):
    body = partner.get("/api/v1/customers/loyal-3/segments/").json()
    assert {(one["method"], one["slug"]) for one in body} >= {("kmeans", "champions")}
    missing = partner.get("/api/v1/customers/nobody/segments/")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


def test_without_a_key_nothing_is_told(db):
    assert Client().get("/api/v1/segments/").status_code == 401
