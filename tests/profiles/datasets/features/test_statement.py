from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection

from profiles.datasets.features import CATALOGUE, customer_features, features_statement
from shop.models import Customer, Event, Order, Product
from tests.planted import TODAY, buy
from tests.profiles.datasets.features.conftest import row_of


def test_recency_frequency_money(ann, tea):
    buy(ann, tea, TODAY - timedelta(days=30), Decimal("10.50"), quantity=2, coupon="SPRING")
    buy(ann, tea, TODAY - timedelta(days=10), Decimal("5.00"))
    buy(ann, tea, TODAY - timedelta(days=5), Decimal("5.00"), quantity=-1, status=Order.Status.CANCELLATION)
    row = row_of(ann)
    assert row["recency"] == pytest.approx(10)
    assert row["tenure"] == pytest.approx(30)
    assert (row["frequency"], row["monetary"], row["average_order_value"]) == (2, 21.0, 10.5)
    assert row["discount_share"] == 0.5


def test_the_future_is_not_read(ann, tea):
    buy(ann, tea, TODAY - timedelta(days=10), Decimal(5))
    before = row_of(ann)
    buy(ann, tea, TODAY, Decimal(500))
    Event.objects.create(customer=ann, kind="view", occurred_at=TODAY, session_id="later")
    assert row_of(ann) == before


def test_browsing_counts_sessions_views_and_minutes_of_the_window(ann, tea):
    happened = [(3, "a", "view", 60), (3, "a", "page", 30), (2, "b", "cart", None), (400, "c", "view", 999)]
    for days, session, kind, seconds in happened:
        Event.objects.create(
            customer=ann,
            kind=kind,
            session_id=session,
            dwell_seconds=seconds,
            occurred_at=TODAY - timedelta(days=days),
        )
    row = row_of(ann)
    assert (row["visits"], row["page_views"], row["dwell"]) == (2, 2, 1.5)


def test_currencies_are_never_added(ann, tea):
    buy(ann, tea, TODAY - timedelta(days=3), Decimal(10))
    buy(ann, tea, TODAY - timedelta(days=2), Decimal(10))
    buy(ann, tea, TODAY - timedelta(days=1), Decimal(1000), currency="JPY")
    row = row_of(ann)
    assert (row["frequency"], row["monetary"]) == (3, 20.0)
    assert customer_features(as_of=TODAY).quality.orders_in_other_currencies == 1


def test_other_currencies_do_not_weigh_in_tastes(ann, tea):
    lamp = Product.objects.create(sku="lamp", title="Lamp", category="Lights")
    buy(ann, tea, TODAY - timedelta(days=4), Decimal(10))
    buy(ann, lamp, TODAY - timedelta(days=3), Decimal(10))
    buy(ann, lamp, TODAY - timedelta(days=1), Decimal(1000), currency="JPY")
    buy(ann, tea, TODAY - timedelta(days=1), Decimal(10))
    known = customer_features(as_of=TODAY)
    assert dict(zip(known.categories, known.shares[0], strict=True)) == pytest.approx(
        {"Drinks": 2 / 3, "Lights": 1 / 3}
    )


def test_one_session_is_one_visit_of_the_person(ann):
    twin = Customer.objects.create(
        external_id="ann2", email="ann@example.com", created_at=TODAY - timedelta(days=5)
    )
    for customer, session, kind in [
        (ann, "a", "view"),
        (twin, "a", "page"),
        (twin, "b", "view"),
        (ann, "", "view"),
    ]:
        Event.objects.create(
            customer=customer, kind=kind, session_id=session, occurred_at=TODAY - timedelta(days=1)
        )
    row = row_of(ann)
    assert (row["visits"], row["page_views"]) == (2, 4)


def test_records_with_one_address_are_one_person(ann, tea):
    twin = Customer.objects.create(
        external_id="ann2", email="Ann@Example.com", created_at=TODAY - timedelta(days=5)
    )
    buy(ann, tea, TODAY - timedelta(days=30), Decimal(10))
    buy(twin, tea, TODAY - timedelta(days=2), Decimal(10))
    known = customer_features(as_of=TODAY)
    assert known.ids.tolist() == [ann.pk]
    assert known.column("frequency").tolist() == [2]
    assert known.quality.duplicates == 1


def test_guests_and_unpaid_orders_do_not_count(ann, tea):
    buy(None, tea, TODAY - timedelta(days=3), Decimal(10))
    buy(ann, tea, TODAY - timedelta(days=3), Decimal(10), status=Order.Status.PENDING)
    known = customer_features(as_of=TODAY)
    assert not known.buyers.any()
    assert known.quality.guest_orders == 1


def test_category_shares_add_up_to_one(planted):
    known = customer_features(as_of=TODAY)
    assert known.categories == ["Drinks"]
    assert np.allclose(known.shares[known.buyers].sum(axis=1), 1)
    assert (known.column("share:Drinks") == known.shares[:, 0]).all(), "a feature like the others"


def test_an_empty_shop_gives_no_rows(db):
    known = customer_features(as_of=TODAY)
    assert known.values.shape == (0, len(CATALOGUE))
    assert known.currency == ""


def test_returns_pieces_and_price_tier(ann, tea):
    for sku, price in [("CHEAP", 5), ("DEAR", 50)]:
        Product.objects.create(sku=sku, title=sku, category="Drinks", price=price, currency="GBP")
    buy(ann, Product.objects.get(sku="DEAR"), TODAY - timedelta(days=30), Decimal(50), quantity=2)
    buy(ann, tea, TODAY - timedelta(days=20), Decimal(10), quantity=1)
    buy(ann, tea, TODAY - timedelta(days=10), Decimal(10), quantity=-1, status=Order.Status.CANCELLATION)
    row = row_of(ann)
    assert row["return_rate"] == pytest.approx(10 / 110)
    assert row["items_per_order"] == 1.5
    assert row["price_tier"] == 0.75  # once the dearest of three, once the middle one
    assert row["categories"] == 1


def test_depth_searches_and_carts_left_behind(ann):
    happened = [
        ("a", "view"),
        ("a", "view"),
        ("a", "cart"),
        ("b", "cart"),
        ("b", "purchase"),
        ("b", "search"),
        ("b", "page"),
    ]
    for session, kind in happened:
        Event.objects.create(
            customer=ann, kind=kind, session_id=session, occurred_at=TODAY - timedelta(days=1)
        )
    row = row_of(ann)
    assert (row["depth"], row["searches"], row["carts_abandoned"]) == (1.5, 1, 1)


def test_features_can_be_asked_for_a_few_customers(planted):
    known = customer_features(as_of=TODAY)
    few = planted["loyal"][:2]
    query, params = features_statement(as_of=TODAY, currency="GBP", categories=known.categories, among=few)
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows = cursor.fetchall()
    assert [row[0] for row in rows] == few
    wanted = known.values[np.isin(known.ids, few)][:, : known.keys.index("age")]
    assert np.allclose([row[1 : 1 + wanted.shape[1]] for row in rows], wanted)
