"""Drift is noticed, and said with its cause."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import translation

from segments.actions.refresh import refresh_segments
from segments.models import DriftCause, NewlyRecorded
from segments.presenters.drift import newly_recorded, sentences
from shop.models import Customer, Event
from tests.planted import TODAY, buy


@pytest.fixture
def browsing(planted) -> dict[str, list[int]]:
    """Everybody looks at the shop twice in the two months before TODAY, and then no event comes any more."""
    random = np.random.default_rng(1)
    Event.objects.bulk_create(
        [
            Event(
                customer_id=pk,
                kind=Event.Kind.VIEW,
                name="Product Viewed",
                session_id=f"{pk}-{n}",
                occurred_at=TODAY - timedelta(days=float(random.uniform(0.1, 60))),
            )
            for members in planted.values()
            for pk in members
            for n in range(2 + pk % 3)
        ]
    )
    return planted


def test_an_order_more_is_no_drift(browsing, tea):
    refresh_segments(as_of=TODAY)
    buy(Customer.objects.get(pk=browsing["loyal"][0]), tea, TODAY - timedelta(hours=5), Decimal(170))
    run, _rfm = refresh_segments(as_of=TODAY)
    assert run.drift.features["recency"] > 0
    assert run.drift.alarms == ()
    assert sentences(run) == []
    assert run.drift.moved <= run.drift.expected


def test_events_that_stopped_arriving_are_named_with_the_day(browsing, tea):
    refresh_segments(as_of=TODAY)
    later = TODAY + timedelta(days=150)
    for pk in browsing["new"]:
        buy(Customer.objects.get(pk=pk), tea, later - timedelta(days=3), Decimal(40))
    run, _rfm = refresh_segments(as_of=later)
    silent = next(alarm for alarm in run.drift.alarms if alarm.feature in {"visits", "page_views", "depth"})
    assert silent.cause.kind == "stopped"
    with translation.override("en"):
        sentence = next(one for one in sentences(run) if "browsing" in one)
    assert "lower than on 1 Jun" in sentence
    assert "browsing events stopped arriving on 31 May" in sentence


def test_what_is_recorded_for_the_first_time_is_no_drift(planted):
    refresh_segments(as_of=TODAY)
    for i, customer in enumerate(Customer.objects.all()):
        Customer.objects.filter(pk=customer.pk).update(attributes={"age": 20 + i % 50})
    run, _rfm = refresh_segments(as_of=TODAY)
    assert "age" not in run.drift.features
    assert run.drift.alarms == ()
    assert run.drift.recorded == (NewlyRecorded("age", then=0.0, now=1.0),)
    with translation.override("en"):
        assert newly_recorded(run) == [
            "Age is now known of 100% of the customers; on 1 Jun 2026 it was of 0%."
        ]


def test_what_is_no_longer_recorded_names_its_cause(planted):
    for i, customer in enumerate(Customer.objects.all()):
        Customer.objects.filter(pk=customer.pk).update(attributes={"age": 20 + i % 50})
    refresh_segments(as_of=TODAY)
    Customer.objects.update(attributes={})
    run, _rfm = refresh_segments(as_of=TODAY)
    lost = next(alarm for alarm in run.drift.alarms if alarm.feature == "age")
    assert lost.cause == DriftCause("lost", then=1.0, now=0.0)
    with translation.override("en"):
        assert "it is known of 0% of the customers instead of 100%" in sentences(run)[0]
