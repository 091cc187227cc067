from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import ApiKey
from segments.actions.refresh import refresh_segments
from tests.planted import EACH, TODAY


@pytest.fixture
def partner(mara, db) -> Client:
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_before_there_are_runs(partner):
    assert partner.get("/api/v1/segments/flows/").json() == {"before": None, "after": None, "flows": []}
    assert partner.get("/api/v1/segments/flows/?method=magic").status_code == 400


def test_flows_between_the_two_latest_runs(partner, planted):
    for _run in range(2):
        refresh_segments(as_of=TODAY)
    flows = partner.get("/api/v1/segments/flows/").json()["flows"]
    assert sorted((flow["from_name"], flow["to_name"], flow["customers"]) for flow in flows) == [
        ("Champions", "Champions", EACH),
        ("Lost", "Lost", EACH),
        ("New customers", "New customers", EACH),
    ]
