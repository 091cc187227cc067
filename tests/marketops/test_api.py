from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from backoffice.models import ApiKey, User
from campaigns.models import Message
from tests.campaigns.conftest import make_customers, make_segment

SUBMIT = "/api/v1/campaigns/{public_id}/submit/"


def test_an_unknown_route_answers_in_problem_details(db: None) -> None:
    answer = Client().get("/api/v1/nothing/here/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert "/api/docs/" in answer.json()["detail"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_description_names_its_language(mara: User, as_user: Any, language: str) -> None:
    answer = as_user(mara).get("/api/docs/", headers={"Accept-Language": language, "Accept": "text/html"})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.content.decode()


@pytest.fixture
def schema(db: None) -> Any:
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        made = SchemaGenerator().get_schema(request=None, public=True)
    assert not GENERATOR_STATS  # neither warnings nor errors
    return made


def test_what_may_be_repeated_says_so(schema: Any) -> None:
    declared = {
        path
        for path, methods in schema["paths"].items()
        for method in methods.values()
        if any(
            (field["name"], field["in"]) == ("Idempotency-Key", "header")
            for field in method.get("parameters", [])
        )
    }
    assert declared == {
        "/api/v1/budget-plans/",
        "/api/v1/campaigns/",
        SUBMIT,
        "/api/v1/groupings/",
        "/api/v1/learned-segments/",
        "/api/v1/messages/",
        "/api/v1/rule-segments/",
        "/api/v1/rule-segments/{id}/",
    }


def test_answers_are_as_the_schema_says(schema: Any, mara: User) -> None:
    secret = ApiKey.objects.create_key(name="partner", owner=mara)[1]
    client, headers = Client(), {"Authorization": f"Bearer {secret}"}
    segment = make_segment(make_customers(3))

    def check(path: str, method: str, answer: Any) -> Any:
        said = schema["paths"][path][method]["responses"]
        assert str(answer.status_code) in said, (path, answer.content)
        body = said[str(answer.status_code)]["content"]["application/json"]["schema"]
        Draft202012Validator({**body, "components": schema["components"]}).validate(answer.json())
        return answer.json()

    def send(path: str, body: Any, **names: Any) -> Any:
        return check(
            path,
            "post",
            client.post(path.format(**names), body, content_type="application/json", headers=headers),
        )

    message = send(
        "/api/v1/messages/",
        {"name": "Hello", "subject": "Hi", "language": "en", "body": "Dear {{ first_name }}"},
    )
    assert Message.objects.get().pk == message["id"]
    campaign = send(
        "/api/v1/campaigns/",
        {
            "name": "By tool",
            "segment": segment.pk,
            "message": message["id"],
            "currency": "GBP",
            "holdout_percent": 0,
        },
    )
    send(SUBMIT, {}, public_id=campaign["id"])
    send(
        "/api/v1/rule-segments/",
        {"name": "Silent", "rule": {"all": [{"field": "recency", "op": ">", "value": 90}]}},
    )
    for path, methods in schema["paths"].items():
        if path.startswith("/api/v1/") and "get" in methods and "{" not in path:
            answer = client.get(path, headers=headers)
            if answer.status_code != 404:  # drift and flows of a shop that has none yet
                check(path, "get", answer)
