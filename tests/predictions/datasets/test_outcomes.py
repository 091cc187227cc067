"""What was known and what came after, checked against figures worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from predictions.datasets.outcomes import (
    NEVER,
    churn_days,
    hindsight,
    histories,
    kept_share,
    next_categories,
    sampled,
)
from profiles.datasets.demographics import demographic_groups
from shop.models import Customer, Event, Order, Product
from tests.planted import TODAY, buy

LATER = TODAY + timedelta(days=60)


def ago(days: float):
    return TODAY - timedelta(days=days)


@pytest.fixture
def ann(tea) -> Customer:
    customer = Customer.objects.create(external_id="ann", email="ann@example.com", created_at=ago(500))
    for days in (100, 70, 10):
        buy(customer, tea, ago(days), Decimal(20))
    return customer


def row_of(customer: Customer, until=LATER) -> dict[str, float]:
    seen = hindsight(as_of=TODAY, until=until)
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
    assert not {"age", "female", "income", "home_country"} & set(hindsight(as_of=TODAY, until=LATER).keys)


def test_of_somebody_who_never_bought_nothing_is_pretended(ann):
    visitor = Customer.objects.create(external_id="eve", created_at=ago(5))
    row = row_of(visitor)
    assert row["frequency"] == 0
    assert all(np.isnan(row[key]) for key in ("recency", "tenure", "average_order_value", "gap", "overdue"))


def test_purchase_days_of_histories(ann, tea):
    buy(ann, tea, ago(70) + timedelta(hours=1), Decimal(40))  # the same day: one purchase of 60
    buy(ann, tea, ago(20), Decimal(999), currency="JPY")
    known = histories(as_of=TODAY, currency="GBP")
    assert known.ids.tolist() == [ann.pk]
    assert (known.frequency[0], known.recency[0], known.age[0]) == (3, 90, 100)
    assert known.value[0] == pytest.approx((60 + 20) / 2)
    amounts = [known.usual[0] * known.paid[0], known.total[0]]
    assert amounts == pytest.approx([known.total[0], known.total[0]])
    assert known.paid[0] == 3


def test_a_giant_order_counts_for_no_more_than_the_cap(ann, tea):
    for day in range(60, 80):
        buy(ann, tea, ago(day), Decimal(10))
    before = histories(as_of=TODAY, currency="GBP")
    buy(ann, tea, ago(3), Decimal(1_000_000))
    known = histories(as_of=TODAY, currency="GBP")
    assert known.total[0] == pytest.approx(before.total[0] + 1_000_000)
    assert known.cap < 1000
    assert known.usual[0] < before.usual[0] + known.cap / 20
    assert histories(as_of=TODAY, currency="JPY").cap == 0


def test_returns_lower_what_is_kept(ann, tea):
    assert kept_share(as_of=TODAY, currency="GBP") == 1
    buy(ann, tea, ago(5), Decimal(15), quantity=-1, status=Order.Status.CANCELLATION)
    assert kept_share(as_of=TODAY, currency="GBP") == pytest.approx(0.75)


def test_the_days_without_an_order_that_mean_gone(ann, tea):
    assert churn_days(as_of=TODAY) == 60  # 90 % of the gaps of 30 and 60 days are shorter than 57
    assert churn_days(as_of=ago(90)) == 30


def test_the_category_of_the_next_order(ann, tea):
    lamp = Product.objects.create(sku="LAMP", title="Lamp", category="Lights", currency="GBP")
    buy(ann, lamp, TODAY + timedelta(days=5), Decimal(70))
    buy(ann, tea, TODAY + timedelta(days=9), Decimal(70))
    ids = np.array([ann.pk, ann.pk + 1])
    assert next_categories(as_of=TODAY, until=LATER, ids=ids, categories=["Drinks", "Lights"]).tolist() == [
        1,
        -1,
    ]
    assert next_categories(as_of=TODAY, until=LATER, ids=ids, categories=["Drinks"]).tolist() == [-1, -1]
    assert next_categories(as_of=TODAY, until=TODAY, ids=ids, categories=["Lights"]).tolist() == [-1, -1]


def test_groups_are_those_that_records_name(ann):
    ben = Customer.objects.create(
        external_id="ben", country="France", attributes={"gender": "male", "age": "70"}
    )
    Customer.objects.filter(pk=ann.pk).update(
        attributes={"gender": "female", "income": "low"}, country="Germany"
    )
    found = demographic_groups(as_of=TODAY, ids=np.array([ann.pk, ben.pk]))
    assert {(group.trait, group.name): group.members.tolist() for group in found} == {
        ("gender", "women"): [True, False],
        ("gender", "men"): [False, True],
        ("age", "65+"): [False, True],
        ("income", "1"): [True, False],
        ("country", "Germany"): [True, False],
        ("country", "France"): [False, True],
    }


def test_a_sample_knows_of_each_what_is_known_of_everybody(ann, tea):
    for number in range(12):
        one = Customer.objects.create(external_id=f"c{number}", email=f"c{number // 2}@example.com")
        buy(one, tea, ago(number + 1), Decimal(9))
    everybody = hindsight(as_of=TODAY, until=LATER)
    among = sampled(as_of=TODAY, size=3, seed=1)
    assert among is not None
    assert among == sampled(as_of=TODAY, size=3, seed=1)
    some = hindsight(as_of=TODAY, until=LATER, like=everybody, among=among)
    assert len(some.ids) == 3, "people, each with all their records"
    rows = np.isin(everybody.ids, some.ids)
    assert (some.keys, some.categories) == (everybody.keys, everybody.categories)
    np.testing.assert_array_equal(some.values, everybody.values[rows])
    np.testing.assert_array_equal(some.next_order, everybody.next_order[rows])
    assert sampled(as_of=TODAY, size=7, seed=1) is None
