"""A time is taken as it was typed, in the zone of the pages, and never moved in silence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.utils import timezone

from campaigns.forms.campaigns import MomentField


@pytest.mark.parametrize(
    ("zone", "typed", "right"),
    [
        ("Europe/Berlin", "2027-03-27T09:00", "2027-03-27T08:00:00Z"),
        ("Europe/Berlin", "2027-03-28T09:00", "2027-03-28T07:00:00Z"),
        ("Europe/Berlin", "2027-03-28T02:30", "does not exist"),
        ("Europe/Berlin", "2027-10-31T02:30", "comes twice"),
        ("America/New_York", "2027-03-14T02:30", "does not exist"),
        ("Asia/Kolkata", "2027-01-10T09:00", "2027-01-10T03:30:00Z"),
        ("Asia/Shanghai", "2027-01-10T00:10", "2027-01-09T16:10:00Z"),
    ],
)
def test_a_typed_time(zone: str, typed: str, right: str) -> None:
    with timezone.override(zone):
        if right[0] != "2":
            with pytest.raises(forms.ValidationError, match=right):
                MomentField(input_formats=["%Y-%m-%dT%H:%M"]).to_python(typed)
        else:
            moment = MomentField(input_formats=["%Y-%m-%dT%H:%M"]).to_python(typed)
            assert moment == datetime.fromisoformat(right)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC"])
def test_what_the_api_made_is_saved_again_as_it_is(zone: str) -> None:
    moment = datetime(2027, 10, 31, 1, 30, 20, tzinfo=UTC)  # the second 02:30 in Berlin, with seconds
    field: Any = MomentField(input_formats=["%Y-%m-%dT%H:%M"])
    field.kept = moment
    with timezone.override(zone):
        shown = timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")
        assert field.to_python(shown) == moment
