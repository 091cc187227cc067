"""The page of a job run: its result for people."""

from __future__ import annotations

import pytest

from tests.factories import JobRunFactory

RESULT = {
    "currency": "GBP",
    "until": "2026-11-27T15:38:02.406551+00:00",
    "revenue": "3481383.9800",
    "orders": 1234,
    "share": 0.25,
    "revenue_last": "0.0000",
    "status": "optimal",
    "lists": [1],
    "version": "2024-13-45T99:00",
    "empty": "",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "moment", "amount", "word"),
    [
        ("en", "27 Nov 2026, 16:38", "£3,481,383.98", "best possible"),
        ("zh-hans", "2026年11月27日 16:38", "£3,481,383.98", "最"),
    ],
)
def test_a_result_is_written_for_people(ines, as_user, settings, language, moment, amount, word):
    settings.SHOP_TIME_ZONE = "Europe/Berlin"
    run = JobRunFactory(state="succeeded", result=RESULT)
    page = as_user(ines).get(f"/jobs/{run.pk}/", headers={"Accept-Language": language}).content.decode()
    for shown in (moment, amount, "1,234", "0.25", "£0.00", word, "2024-13-45T99:00"):
        assert shown in page
    assert "T15:38" not in page
