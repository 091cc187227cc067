from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import ApiKey
from segments.actions.proposals import accept_proposal, choose_number_of_groups
from segments.actions.refresh import refresh_segments
from segments.datasets.memberships import successors
from segments.models import Proposal, Segment
from tests.planted import EACH, TODAY


@pytest.fixture
def partner(mara, db) -> Client:
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_before_there_are_runs(partner):
    assert partner.get("/api/v1/segments/flows/").json() == {"before": None, "after": None, "flows": []}
    assert partner.get("/api/v1/segments/drift/").status_code == 404
    assert partner.get("/api/v1/segments/flows/?method=magic").status_code == 400


def test_flows_drift_and_proposals(partner, planted):
    refresh_segments(as_of=TODAY)
    refresh_segments(as_of=TODAY, fresh=True)
    flows = partner.get("/api/v1/segments/flows/").json()["flows"]
    assert sorted((one["from_name"], one["to_name"], one["customers"]) for one in flows) == [
        ("Champions", "Champions", EACH),
        ("Lost", "Lost", EACH),
        ("New customers", "New customers", EACH),
    ]
    drift = partner.get("/api/v1/segments/drift/").json()
    assert drift["alarms"] == []
    assert drift["features"]["recency"] == pytest.approx(0)
    assert partner.get("/api/v1/segments/proposals/").json()["results"][0]["state"] == "pending"


def test_a_group_that_ended_says_where_its_customers_went(partner, planted, mara):
    refresh_segments(as_of=TODAY)
    choose_number_of_groups(k=2, by=mara)
    refresh_segments(as_of=TODAY, fresh=True)
    proposal = Proposal.objects.pending().get()
    accept_proposal(proposal=proposal, by=mara)
    ended = (
        Segment.objects.filter(snapshots__run=proposal.against).exclude(snapshots__run=proposal.run).first()
    )
    for address in (f"/api/v1/segments/{ended.pk}/", f"/api/v1/segments/{ended.pk}/members/"):
        refused = partner.get(address)
        assert refused.status_code == 404
        for flow in successors(ended.pk):
            assert f"{flow.destination.name} (id {flow.destination_id})" in refused.json()["detail"]
    assert partner.get("/api/v1/segments/999999/").status_code == 404
