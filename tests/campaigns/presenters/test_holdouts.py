"""What a result could show is said before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.datasets.audiences import Audience
from campaigns.models import Campaign
from campaigns.presenters import holdouts
from campaigns.presenters.holdouts import outlook


@pytest.fixture
def seen(monkeypatch: Any) -> Any:
    def see(people: int, percent: int, base: float) -> Any:
        monkeypatch.setattr(holdouts, "buyers_in_a_window", lambda segment: base)
        monkeypatch.setattr(Campaign, "segment", None)
        held = round(people * percent / 100)
        return outlook(Campaign(holdout_percent=percent), Audience(people, people - held, held, {}))

    return see


def test_a_small_segment_shows_nothing_and_says_how_many_it_takes(seen: Any) -> None:
    small = seen(150, 5, 0.1)
    assert (small.raised, small.share, small.people) == (None, None, 200)


def test_a_share_is_proposed_where_the_chosen_one_is_too_small(seen: Any) -> None:
    middle = seen(442, 5, 0.1)
    assert middle.raised is None
    assert middle.share >= 25
    assert 0.1 < middle.share_raised < 0.25


def test_a_large_segment_needs_a_small_share(seen: Any) -> None:
    large = seen(100_000, 5, 0.1)
    assert large.share == 5
    assert large.raised == large.share_raised < 0.12


def test_nobody_buys(seen: Any) -> None:
    assert (seen(5000, 10, 0.0).share, seen(5000, 10, 0.0).people) == (None, 0)
