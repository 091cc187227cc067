from __future__ import annotations

from django.test import Client


def test_an_unknown_route_answers_in_problem_details(db):
    answer = Client().get("/api/v1/nothing/here/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert "/api/docs/" in answer.json()["detail"]
