"""The features, checked against figures worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection

from profiles.datasets.features import CATALOGUE, customer_features, features_statement
from profiles.datasets.imported import imported_attributes
from profiles.models import CustomFeature
from shop.models import Customer, Event, Order, Product
from tests.factories import CustomerFactory
from tests.planted import TODAY, buy


def row_of(customer: Customer, as_of=TODAY) -> dict[str, float]:
    known = customer_features(as_of=as_of)
    return dict(zip(known.keys, known.values[known.ids.tolist().index(customer.pk)], strict=True))


@pytest.fixture
def ann(db) -> Customer:
    return Customer.objects.create(
        external_id="ann", email="ann@example.com", created_at=TODAY - timedelta(days=500)
    )


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
    assert customer_features(as_of=TODAY).quality["orders_in_other_currencies"] == 1


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
    assert known.quality["duplicates"] == 1


def test_guests_and_unpaid_orders_do_not_count(ann, tea):
    buy(None, tea, TODAY - timedelta(days=3), Decimal(10))
    buy(ann, tea, TODAY - timedelta(days=3), Decimal(10), status=Order.Status.PENDING)
    known = customer_features(as_of=TODAY)
    assert not known.buyers.any()
    assert known.quality["guest_orders"] == 1


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


def people(*attributes: object) -> dict[str, list[float]]:
    """What is known of one customer for each of these attributes."""
    Customer.objects.bulk_create(
        [
            Customer(external_id=f"p{i}", attributes=one, created_at=TODAY - timedelta(days=9))
            for i, one in enumerate(attributes)
        ]
    )
    known = customer_features(as_of=TODAY)
    return dict(zip(known.keys, known.values.T.tolist(), strict=True)) | {"gaps": known.quality["gaps"]}


def test_demographics_in_several_languages(db):
    found = people(
        {"age": 30, "gender": "female", "income": "low"},
        {"birthday": "1986-06-01", "gender": "M", "income": "high"},
        {"age": "50", "gender": "女", "income": "中"},
    )
    assert found["age"] == pytest.approx([30, 40, 50], abs=0.01)
    assert found["female"] == [1, 0, 1]
    assert found["income"] == [1, 3, 2]
    assert found["gaps"]["home_country"]["missing"] == 3
    assert "age" not in found["gaps"]


def test_what_nobody_can_read_is_counted_and_filled(db):
    found = people(
        {"age": 20},
        {"age": 60},
        {"age": 40},
        {},
        ["not", "a", "record"],
        {"age": "forty"},
        {"age": 999},
        {"birthday": "2190-01-01"},
        {"age": "9" * 400},
        {"birthday": "1990-02-31T00:00:00Z"},
        {"age": "NaN"},
        {"gender": "1 OR 1=1"},
    )
    assert found["gaps"]["age"] == {"missing": 3, "unusable": 5, "filled_with": pytest.approx(38.1, abs=0.2)}
    assert np.isfinite(found["age"]).all()
    assert found["gaps"]["female"]["unusable"] == 1


def test_a_feature_of_staffs_own_is_read_from_an_attribute(db):
    CustomFeature.objects.create(
        key="own-points", title="Points", attribute="points", kind="number", unit="number"
    )
    CustomFeature.objects.create(
        key="own-gold", title="Gold", attribute="card", kind="category", value="gold", unit="share"
    )
    CustomFeature.objects.create(
        key="own-joined", title="Joined", attribute='it\'s "joined" %s', kind="date", unit="days"
    )
    found = people(
        {"points": 5, "card": "gold", 'it\'s "joined" %s': "2026-05-22"},
        {"points": "-2.5", "card": "tin"},
        {"points": "many"},
    )
    assert found["own-points"] == [5, -2.5, 1.25]
    assert found["own-gold"] == [1, 0, 0.5]
    assert found["own-joined"] == [10, 10, 10]
    assert found["gaps"]["own-points"]["unusable"] == 1


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


def test_what_programs_write_for_nothing_makes_no_category_of_a_number(db):
    for i, said in enumerate(["12", "7", "NaN", "inf", "null", "N/A"]):
        CustomerFactory(external_id=f"a{i}", attributes={"shoe": said, "colour": "red" if i % 2 else "nan"})
    found = {one.name: one for one in imported_attributes()}
    assert found["shoe"].kind == CustomFeature.Kind.NUMBER
    assert found["shoe"].coverage == pytest.approx(2 / 6)
    assert found["colour"].examples == ["red"]
