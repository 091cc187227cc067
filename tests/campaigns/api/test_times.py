"""Times of the API: UTC, with their zone."""

from __future__ import annotations

import pytest
from django.test import Client

from campaigns.models import Campaign
from tests.campaigns.conftest import make_customers, make_segment
from tests.factories import ApiKeyFactory


@pytest.fixture
def send(mara, message, settings):
    settings.SHOP_TIME_ZONE = "Europe/Berlin"
    client = Client(headers={"Authorization": f"Bearer {ApiKeyFactory(owner=mara).key}"})
    body = {
        "name": "By tool",
        "segment": make_segment(make_customers(1)).pk,
        "message": message.pk,
        "currency": "EUR",
    }
    return lambda moment: client.post("/api/v1/campaigns/", {**body, "send_at": moment}, "application/json")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2027-03-28T02:30:00Z", "2027-03-28T02:30:00Z"),
        ("2027-03-28T04:30:00+02:00", "2027-03-28T02:30:00Z"),
        ("2027-07-01 12:00-03:30", "2027-07-01T15:30:00Z"),
        (None, None),
    ],
)
def test_a_time_is_kept_and_shown_in_utc(send, sent, kept):
    answer = send(sent)
    assert (answer.status_code, answer.json()["send_at"]) == (201, kept)
    assert answer.json()["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("2027-03-28T02:30:00", "for example 2026-11-20T09:30:00Z"),
        ("2027-03-28 02:30", "for example 2026-11-20T09:30:00Z"),
        ("2027-03-28", ""),
        ("2027-02-30T02:30:00Z", ""),
        ("0001-01-01T00:00:00+14:00", ""),
        ("1024-01-01T00:00:00Z", "1900"),
        ("9999-12-31T23:59:59-14:00", ""),
        ("tomorrow", ""),
        (5, ""),
        ([], ""),
        ({"at": 1}, ""),
        (True, ""),
    ],
)
def test_a_time_that_is_not_clear_is_refused(send, sent, reason):
    answer = send(sent)
    assert answer.status_code == 400
    assert reason in answer.json()["errors"]["send_at"][0]
    assert not Campaign.objects.exists()
