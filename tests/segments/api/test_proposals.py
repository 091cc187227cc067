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


def test_a_generation_that_was_requested_waits_for_a_decision(partner, planted):
    refresh_segments(as_of=TODAY)
    refresh_segments(as_of=TODAY, fresh=True)
    (proposal,) = partner.get("/api/v1/segments/proposals/").json()["results"]
    assert (proposal["cause"], proposal["state"]) == ("requested", "pending")
    assert proposal["lineage"]
