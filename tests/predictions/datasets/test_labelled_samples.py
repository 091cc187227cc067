from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from predictions.datasets.labelled_samples import NEVER, labelled_sample, sampled
from shop.models import Customer, Event, Order
from tests.planted import TODAY, buy
from tests.predictions.datasets.conftest import LATER, ago


def row_of(customer: Customer, until=LATER) -> dict[str, float]:
    seen = labelled_sample(as_of=TODAY, until=until)
    at = seen.ids.tolist().index(customer.pk)
    return dict(zip(seen.keys, seen.values[at], strict=True)) | {"next": seen.next_order[at]}


def test_the_rhythm_of_orders(ann):
    row = row_of(ann)
    assert (row["gap"], row["overdue"]) == (pytest.approx(45), pytest.approx(10 / 45))
    assert (row["orders_30"], row["orders_90"], row["orders_365"]) == (1, 2, 3)
    assert np.isnan(row["last_visit"])
    assert row["next"] == NEVER


def test_what_came_after_is_the_outcome_and_nothing_else(ann, tea):
    before = row_of(ann)
    buy(ann, tea, TODAY + timedelta(days=12), Decimal(500))
    buy(ann, tea, TODAY + timedelta(days=2), Decimal(500), status=Order.Status.PENDING)
    Event.objects.create(customer=ann, kind="view", occurred_at=TODAY + timedelta(days=1), session_id="later")
    after = row_of(ann)
    assert after.pop("next") == pytest.approx(12)
    assert {key: value for key, value in after.items() if not np.isnan(value)} == {
        key: value for key, value in before.items() if not np.isnan(value) and key != "next"
    }
    assert row_of(ann, until=TODAY + timedelta(days=12))["next"] == NEVER


def test_visits_count_from_their_windows(ann):
    for days, session, kind in (
        (3, "a", "view"),
        (3, "a", "cart"),
        (20, "b", "cart"),
        (40, "c", "cart"),
        (300, "d", "view"),
    ):
        Event.objects.create(customer=ann, kind=kind, occurred_at=ago(days), session_id=session)
    row = row_of(ann)
    assert (row["last_visit"], row["visits_14"], row["carts_30"]) == (pytest.approx(3), 1, 2)


def test_who_they_are_is_no_feature(ann):
    Customer.objects.filter(pk=ann.pk).update(attributes={"age": 40, "gender": "female", "income": "high"})
    assert not {"age", "female", "income", "home_country"} & set(
        labelled_sample(as_of=TODAY, until=LATER).keys
    )


def test_of_somebody_who_never_bought_nothing_is_pretended(ann):
    visitor = Customer.objects.create(external_id="eve", created_at=ago(5))
    row = row_of(visitor)
    assert row["frequency"] == 0
    assert all(np.isnan(row[key]) for key in ("recency", "tenure", "average_order_value", "gap", "overdue"))


def test_a_sample_knows_of_each_what_is_known_of_everybody(ann, tea):
    for number in range(12):
        one = Customer.objects.create(external_id=f"c{number}", email=f"c{number // 2}@example.com")
        buy(one, tea, ago(number + 1), Decimal(9))
    everybody = labelled_sample(as_of=TODAY, until=LATER)
    among = sampled(as_of=TODAY, size=3, seed=1)
    assert among is not None
    assert among == sampled(as_of=TODAY, size=3, seed=1)
    some = labelled_sample(as_of=TODAY, until=LATER, like=everybody, among=among)
    assert len(some.ids) == 3, "people, each with all their records"
    rows = np.isin(everybody.ids, some.ids)
    assert (some.keys, some.categories) == (everybody.keys, everybody.categories)
    np.testing.assert_array_equal(some.values, everybody.values[rows])
    np.testing.assert_array_equal(some.next_order, everybody.next_order[rows])
    assert sampled(as_of=TODAY, size=7, seed=1) is None
