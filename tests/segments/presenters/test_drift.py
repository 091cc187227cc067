from __future__ import annotations

import pytest

from segments.models import Alarm, Drift, DriftCause, NewlyRecorded
from segments.presenters.drift import drift_rows, newly_recorded, sentences
from tests.segments.presenters.unsaved import AS_OF, run


def alarm(now: float, cause: DriftCause | None = None, *, then: float = 100.0) -> Alarm:
    return Alarm("feature", then=then, now=now, feature="monetary", index=0.4, cause=cause)


def sentence(shown: Alarm) -> str:
    (found,) = sentences(run(drift=Drift(since=AS_OF, moved=0, expected=0, alarms=(shown,))))
    return found


def test_nothing_drifted():
    assert sentences(run()) == newly_recorded(run()) == []
    assert sentences(run(drift=Drift(since=AS_OF, moved=0.1, expected=0.2))) == []


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (150.0, "average per customer: 50% higher than on"),
        (60.0, "40% lower than on"),
        (101.0, "is the same as on"),
    ],
)
def test_a_feature_that_moved(now, words):
    assert words in sentence(alarm(now))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (DriftCause("stopped", source="orders", last=AS_OF), "orders stopped arriving on 1 Jun 2026"),
        (DriftCause("stopped", source="events"), "no browsing events for half a year"),
        (
            DriftCause("rate", source="orders", then=10, now=2.5),
            "in the whole shop 2.5 orders a day arrive instead of 10.0",
        ),
        (DriftCause("rate", source="events", then=10, now=2.5), "2.5 browsing events a day arrive"),
        (DriftCause("lost", then=0.9, now=0.2), "known of 20% of the customers instead of 90%"),
        (DriftCause("time"), "time has passed"),
        (None, "customers behave differently"),
    ],
)
def test_its_cause(cause, words):
    assert words in sentence(alarm(150.0, cause))


@pytest.mark.django_db
def test_a_group_whose_share_moved_and_too_many_who_moved():
    share = Alarm("share", then=0.1, now=0.3, slug="champions")
    assert "champions are 30% of the buyers; on" in sentence(share)
    assert "12.0% of the buyers changed group" in sentence(Alarm("movement", then=0.05, now=0.12))


def test_what_is_newly_recorded():
    recorded = (NewlyRecorded("age", then=0.1, now=0.8),)
    (words,) = newly_recorded(run(drift=Drift(since=AS_OF, moved=0, expected=0, recorded=recorded)))
    assert "is now known of 80% of the customers" in words


def test_the_largest_index_comes_first_and_a_bar_is_full_at_an_alarm():
    rows = drift_rows(Drift(since=AS_OF, moved=0, expected=0, features={"recency": 0.05, "monetary": 0.9}))
    assert [(row["feature"].key, row["width"]) for row in rows] == [("monetary", 100), ("recency", 20)]
