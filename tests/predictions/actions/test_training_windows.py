from __future__ import annotations

from datetime import timedelta

import pytest

from predictions.actions.training_windows import LOOK_BACK, MOST_WINDOWS, TrainingWindows
from shop.models import Event
from tests.planted import TODAY


@pytest.fixture
def windows(planted) -> TrainingWindows:
    return TrainingWindows(TODAY, seed=0)


def test_moments_leave_a_whole_horizon_after_and_habits_before(windows):
    history = windows.history_days()
    assert history == pytest.approx(320, abs=15)  # the first orders of the lost
    moments = windows.moments(90)
    assert moments == sorted(moments)
    assert moments[-1] == TODAY - timedelta(days=90)
    assert (TODAY - moments[0]).days <= history - 90
    assert len(windows.moments(7)) == MOST_WINDOWS


def test_each_moment_is_read_once(windows, django_assert_num_queries):
    first = windows.at(TODAY - timedelta(days=30))
    with django_assert_num_queries(0):
        assert windows.at(TODAY - timedelta(days=30)) is first
        assert windows.today is windows.today


def test_browsing_is_left_out_where_it_was_not_recorded_yet(windows, planted):
    moments = [TODAY - timedelta(days=60), TODAY - timedelta(days=30)]
    assert "visits" not in windows.features_known_at(moments)
    Event.objects.create(
        customer_id=planted["new"][0],
        kind="view",
        session_id="a",
        occurred_at=moments[0] - timedelta(days=LOOK_BACK),
    )
    assert "visits" in windows.features_known_at(moments)
    assert "recency" in windows.features_known_at(moments)
