"""What every request gets."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/customers/",
        "/customers/export.csv",
        "/api/v1/customers/",
        "/api/schema/",
        "/v1/track",
        "/admin/shop/order/",
        "/admin/login/",
        "/delivery/unsubscribe/nonsense/",
        "/nothing/here/",
    ],
)
def test_no_copy_of_an_answer_is_kept(ada, address):
    client = Client()
    client.force_login(ada)
    kept = client.get(address)["Cache-Control"]
    assert "no-store" in kept
    assert "private" in kept


def test_static_files_may_be_kept(db):
    assert "no-store" not in Client().get("/static/marketops/favicon.svg").get("Cache-Control", "")


@pytest.mark.parametrize(
    "address",
    [
        "/ads/placements/?q=%00",
        "/recommendations/?q=%00",
        "/recommendations/?%00=q",
        "/api/v1/customers/%00/segments/",
        "/api/v1/products/?sku=%00",
        "/segments/flows/?before=" + "9" * 5000,
    ],
)
def test_an_address_that_cannot_be_read_is_refused(ada, address):
    client = Client()
    client.force_login(ada)
    answer = client.get(address)
    assert answer.status_code == 400
    expected = "application/problem+json" if address.startswith("/api/") else "text/html; charset=utf-8"
    assert answer["Content-Type"] == expected


def test_a_form_with_a_nul_is_refused(ada):
    client = Client()
    client.force_login(ada)
    assert client.post("/segments/rules/new/", {"name": "a\0b"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/v1/track", 405),
        ("post", "/v1/nothing", 404),
        ("get", "/v1/", 404),
        ("get", "/api/nothing", 404),
        ("get", "/api/v1/customers/", 401),
        ("delete", "/api/v1/customers/", 401),
    ],
)
def test_programs_read_problem_details_whoever_refuses(db, method, address, status):
    answer = getattr(Client(), method)(address)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_a_refused_method_names_those_that_are_allowed(db):
    assert Client().get("/v1/track")["Allow"] == "POST"
