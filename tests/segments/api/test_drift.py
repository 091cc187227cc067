from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import ApiKey
from segments.actions.refresh import refresh_segments
from tests.planted import TODAY


@pytest.fixture
def partner(mara, db) -> Client:
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_before_there_are_runs(partner):
    assert partner.get("/api/v1/segments/drift/").status_code == 404


def test_the_same_customers_have_not_drifted(partner, planted):
    for _run in range(2):
        refresh_segments(as_of=TODAY)
    drift = partner.get("/api/v1/segments/drift/").json()
    assert drift["alarms"] == []
    assert drift["features"]["recency"] == pytest.approx(0)
