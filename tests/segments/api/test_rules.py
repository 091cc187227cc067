from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import ApiKey, AuditEntry
from segments.actions.rules.catch_up import recount
from segments.models import RuleMember, Segment
from tests.planted import EACH

OFTEN = {"field": "frequency", "op": ">=", "value": 10}


@pytest.fixture
def partner(planted, mara) -> Client:
    recount()
    return _client(mara)


def _client(owner) -> Client:
    _key, secret = ApiKey.objects.create_key(name="partner", owner=owner)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client, path, **body):
    return client.post(f"/api/v1/rule-segments/{path}", body, content_type="application/json")


def test_look_save_change_list(partner):
    looked = post(partner, "preview/", rule=OFTEN).json()
    assert (looked["size"], looked["currency"], len(looked["sample"])) == (EACH, "GBP", 10)
    made = post(partner, "", name="Regulars", rule=OFTEN, note="ten or more")
    assert made.status_code == 201
    pk = made.json()["id"]
    assert (made.json()["size"], made.json()["version"], made.json()["rule"]) == (EACH, 1, {"all": [OFTEN]})
    changed = {"field": "frequency", "op": "<", "value": 10}
    assert post(partner, f"{pk}/difference/", rule=changed).json() == {
        "enters": 2 * EACH,
        "leaves": EACH,
        "stays": 0,
    }
    put = partner.put(
        f"/api/v1/rule-segments/{pk}/", {"name": "Rest", "rule": changed, "version": 1}, "application/json"
    )
    assert (put.status_code, put.json()["size"], put.json()["name"]) == (200, 2 * EACH, "Rest")
    assert [one["name"] for one in partner.get("/api/v1/rule-segments/").json()["results"]] == ["Rest"]
    members = partner.get(f"/api/v1/rule-segments/{pk}/members/?limit=1000").json()["results"]
    assert len(members) == 2 * EACH == RuleMember.objects.count()
    of_one = partner.get("/api/v1/customers/lost-1/segments/").json()
    assert [(one["name"], one["method"], bool(one["as_of"])) for one in of_one] == [("Rest", "rule", True)]
    assert AuditEntry.objects.filter(verb="segment.save_rule").count() == 2


def test_what_may_be_asked(partner):
    fields = {one["field"]: one for one in partner.get("/api/v1/rule-segments/fields/").json()}
    assert ">=" in fields["frequency"]["operators"]
    assert fields["recency"]["kind"] == "days"


def test_a_refusal_names_the_place(partner):
    answer = post(partner, "preview/", rule={"any": [OFTEN, {"field": "frequenzy", "op": "=", "value": 1}]})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert list(answer.json()["errors"]) == ["rule.1"]
    stale = post(partner, "", name="", rule=OFTEN)
    assert stale.status_code == 400


def test_of_two_partners_the_second_looks_again(partner):
    pk = post(partner, "", name="Regulars", rule=OFTEN).json()["id"]
    sent = {"name": "Regulars", "rule": OFTEN, "version": 1}
    assert partner.put(f"/api/v1/rule-segments/{pk}/", sent, "application/json").json()["version"] == 2
    assert partner.put(f"/api/v1/rule-segments/{pk}/", sent, "application/json").json()["errors"].keys() == {
        "version"
    }


def test_a_change_without_a_version_overwrites_nothing(partner):
    pk = post(partner, "", name="Regulars", rule=OFTEN).json()["id"]
    answer = partner.put(
        f"/api/v1/rule-segments/{pk}/",
        {"name": "Regulars", "rule": {**OFTEN, "value": 2}},
        "application/json",
    )
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["version"])
    assert partner.get(f"/api/v1/rule-segments/{pk}/").json()["rule"] == {"all": [OFTEN]}


def test_rights_are_checked(partner, ines, db):
    analyst = _client(ines)
    assert post(analyst, "preview/", rule=OFTEN).status_code == 200
    assert post(analyst, "", name="x", rule=OFTEN).status_code == 403
    assert not Segment.objects.exists()
    assert Client().get("/api/v1/rule-segments/").status_code == 401
