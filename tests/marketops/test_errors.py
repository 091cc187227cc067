"""What is answered when something of ours fails."""

from __future__ import annotations

import json
import logging

import kombu.exceptions
import psycopg
import pytest
import redis.exceptions
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from marketops.urls import handler400, handler403, handler404, handler500  # noqa: F401 - Django looks
from marketops.urls import urlpatterns as house

FAILURES = {
    "away": OperationalError("server closed the connection unexpectedly"),
    "closed": InterfaceError("the connection is closed"),
    "copy": psycopg.OperationalError("the connection is lost"),
    "redis": redis.exceptions.BusyLoadingError("Redis is loading the dataset in memory"),
    "broker": kombu.exceptions.OperationalError("Timeout reading from socket"),
    "value": DataError("integer out of range"),
    "limit": OperationalError("index row size 3000 exceeds maximum"),
    "bug": ZeroDivisionError("ours"),
}
FAILURES["limit"].__cause__ = psycopg.errors.ProgramLimitExceeded("index row size 3000 exceeds maximum")


def fails(request: HttpRequest, how: str) -> None:
    raise FAILURES[how]


@api_view(["POST"])
@permission_classes([AllowAny])
def fails_for_programs(request: Request, how: str) -> None:
    assert request.data is not None
    raise FAILURES[how]


urlpatterns = [
    path("fails/<how>/", fails),
    path("v1/fails/<how>/", fails),
    path("api/v1/fails/<how>/", fails_for_programs),
    *house,
]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def client(settings) -> Client:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("away", 503),
        ("closed", 503),
        ("copy", 503),
        ("redis", 503),
        ("broker", 503),
        ("value", 400),
        ("limit", 500),
        ("bug", 500),
    ],
)
@pytest.mark.parametrize("place", ["/fails/", "/v1/fails/", "/api/v1/fails/"])
def test_each_failure_has_its_status(client, place, how, status):
    answer = client.post(f"{place}{how}/", "{}", content_type="application/json")
    assert answer.status_code == status
    assert answer.get("Retry-After") == ("5" if status == 503 else None)
    if place == "/fails/":
        assert answer["Content-Type"] == "text/html; charset=utf-8"
        assert b'<html lang="en">' in answer.content
    else:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert str(FAILURES[how]) not in answer.content.decode()


def test_the_number_of_an_incident_stands_in_the_log(client, caplog):
    with caplog.at_level(logging.ERROR):
        answer = client.post("/api/v1/fails/bug/", "{}", content_type="application/json")
        page = client.get("/fails/bug/")
    incident = answer.json()["incident"]
    assert incident in answer.json()["detail"]
    entry = next(record for record in caplog.records if incident in record.getMessage())
    assert entry.exc_info
    assert any(
        record.getMessage().startswith("Incident ") and record.args[0] in page.content.decode()
        for record in caplog.records
    )


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "a\\u0000b"}',
        '{"name": "\\ud800"}',
        '{"\\u0000": 1}',
        '[["\\udfff"]]',
        '{"n": 9999999999999999999}',
        '{"n": 1e999}',
        '{"n": NaN}',
        '{"n": ' + "9" * 5000 + "}",
        "[" * 100_000,
        "\udcff",
        "{",
    ],
)
def test_json_that_cannot_be_kept_is_refused(client, body):
    sent = body.encode(errors="surrogateescape")
    answer = client.post("/api/v1/fails/bug/", sent, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_the_place_of_what_cannot_be_kept_is_named(client):
    body = json.dumps({"rows": [{"name": "fine"}, {"name": "a\0"}]})
    answer = client.post("/api/v1/fails/bug/", body, content_type="application/json")
    assert answer.json()["detail"].startswith("rows[1].name: ")


def test_only_json_is_understood(client):
    answer = client.post("/api/v1/fails/bug/", {"name": "a form"})
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")
