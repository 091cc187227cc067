"""Placements for partner tools."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_api_lists_placements(api, three_ads):
    rows = api.get("/api/v1/placements/").json()["results"]
    assert {row["name"]: row["roas"] for row in rows} == {"A": 3, "B": 2, "C": 4}
