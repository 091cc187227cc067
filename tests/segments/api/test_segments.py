from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import ApiKey
from segments.actions.proposals import accept_proposal, choose_number_of_groups
from segments.actions.refresh import refresh_segments
from segments.actions.rules.catch_up import recount
from segments.actions.rules.saving import archive_rule, save_rule
from segments.datasets.flows import successors
from segments.models import Proposal, Segment
from tests.planted import EACH, TODAY


@pytest.fixture
def partner(mara, planted) -> Client:
    refresh_segments(as_of=TODAY)
    recount()
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_segments_with_size_worth_and_reasons(partner):
    body = partner.get("/api/v1/segments/?method=kmeans").json()["results"]
    assert {one["method"] for one in body} == {"kmeans"}
    champions = next(one for one in body if one["slug"] == "champions")
    assert champions["size"] == EACH
    assert champions["currency"] == "GBP"
    assert champions["reasons"]


def test_all_segments_page_by_page_or_of_one_method(partner, mara):
    rule = save_rule(tree={"field": "frequency", "op": ">=", "value": 10}, name="Often", by=mara)
    first = partner.get("/api/v1/segments/?limit=2").json()
    assert next(one["id"] for one in first["results"]) == rule.pk
    assert len(first["results"]) == 2
    ids = [one["id"] for one in first["results"]]
    while first["next"]:
        first = partner.get(first["next"]).json()
        ids += [one["id"] for one in first["results"]]
    assert sorted(ids) == sorted(Segment.objects.in_force().values_list("pk", flat=True))
    assert partner.get("/api/v1/segments/?method=magic").status_code == 400
    by_rule = partner.get("/api/v1/segments/?method=rule").json()["results"]
    assert [(one["name"], one["reasons"]) for one in by_rule] == [("Often", ["Orders is at least 10"])]
    assert partner.get(f"/api/v1/segments/{rule.pk}/").json() == by_rule[0]


def test_a_segment_by_rule_lists_its_members_too(partner, mara):
    rule = save_rule(tree={"field": "frequency", "op": ">=", "value": 10}, name="Often", by=mara)
    found = partner.get(f"/api/v1/segments/{rule.pk}/members/?limit=1000").json()["results"]
    assert {one["customer_id"] for one in found} == {f"loyal-{i}" for i in range(EACH)}
    archive_rule(segment=rule, by=mara)
    assert partner.get(f"/api/v1/segments/{rule.pk}/members/").status_code == 404


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
    champion = next(one for one in body if (one["method"], one["slug"]) == ("kmeans", "champions"))
    assert any("times the average customer's" in reason for reason in champion["reasons"])
    missing = partner.get("/api/v1/customers/nobody/segments/")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


def test_without_a_key_nothing_is_told(db):
    assert Client().get("/api/v1/segments/").status_code == 401


def test_a_group_that_ended_says_where_its_customers_went(partner, planted, mara):
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
