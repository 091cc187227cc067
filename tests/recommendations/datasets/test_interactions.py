from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from recommendations.datasets.interactions import interactions, offerable_products, order_span
from shop.actions.consents import record_consent
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=50)


def cells(facts):
    """{(customer, product): (weight, bought)}"""
    coo = facts.confidence.tocoo()
    return {
        (facts.customers[row], facts.products[column]): (weight, bool(bought))
        for row, column, weight, bought in zip(coo.row, coo.col, coo.data, facts.bought, strict=True)
    }


def test_purchases_and_visits_become_weights(shop):
    anna, ben = shop.customer("A"), shop.customer("B")
    lamp, vase = shop.product("lamp"), shop.product("vase")
    shop.order(anna, lamp, vase, day=1)
    shop.order(anna, lamp, day=2)
    shop.event(anna, lamp, day=3)
    shop.event(ben, vase, day=3, kind="cart")
    shop.event(ben, vase, day=4, kind="favourite")
    shop.event(ben, lamp, day=4, kind="page")
    found = cells(interactions(as_of=AS_OF))
    assert found[anna.pk, lamp.pk] == (pytest.approx(np.log(1 + 11)), True)
    assert found[anna.pk, vase.pk] == (pytest.approx(np.log(1 + 5)), True)
    assert found[ben.pk, vase.pk] == (pytest.approx(np.log(1 + 5)), False)
    assert len(found) == 3


def test_what_was_returned_was_not_bought(shop):
    anna, lamp, vase = shop.customer("A"), shop.product("lamp"), shop.product("vase")
    shop.order(anna, lamp, vase, day=1)
    shop.order(anna, lamp, day=2, quantity=-1, status="cancellation")
    facts = interactions(as_of=AS_OF)
    assert set(cells(facts)) == {(anna.pk, vase.pk)}
    shop.event(anna, lamp, day=3)
    assert cells(interactions(as_of=AS_OF))[anna.pk, lamp.pk] == (pytest.approx(np.log(2)), False)
    assert interactions(as_of=AS_OF).purchases.nnz == 1


def test_the_future_guests_content_and_unpaid_orders_do_not_count(shop):
    anna, lamp = shop.customer("A"), shop.product("lamp")
    shop.order(anna, lamp, day=60)
    shop.order(None, lamp, day=1)
    shop.order(anna, lamp, day=1, status="pending")
    shop.event(anna, lamp, day=60)
    shop.event(anna, shop.product("story", kind="content"), day=1)
    facts = interactions(as_of=AS_OF)
    assert facts.confidence.shape == (0, 0)
    assert order_span(as_of=AS_OF) is None
    assert len(interactions(as_of=AS_OF + timedelta(days=20)).customers) == 1


def test_recent_purchases_count_customers_and_orders_of_ninety_days(shop):
    anna, ben = shop.customer("A"), shop.customer("B")
    lamp, vase, rug = shop.product("lamp"), shop.product("vase"), shop.product("rug")
    for day in (100, 101, 102):
        shop.order(anna, lamp, day=day)
    shop.order(anna, vase, day=103)
    shop.order(ben, vase, day=103)
    shop.order(ben, rug, day=1)
    facts = interactions(as_of=OPENING + timedelta(days=200))
    assert facts.products.tolist() == [lamp.pk, vase.pk, rug.pk]
    assert facts.recent_buyers.tolist() == [1, 2, 0]
    assert facts.recent_orders.tolist() == [3, 2, 0]


def test_who_opted_out_counts_only_in_what_is_popular(shop, ada):
    anna, ben, lamp, vase = shop.customer("A"), shop.customer("B"), shop.product("lamp"), shop.product("vase")
    shop.order(anna, lamp, day=1)
    shop.order(ben, vase, day=1)
    record_consent(customer=anna, by=ada, channel="email", granted=False, purpose="profiling", note="")
    facts = interactions(as_of=AS_OF)
    assert facts.customers.tolist() == [ben.pk]
    assert facts.recent_buyers.tolist() == [1, 1]
    assert facts.confidence.toarray()[:, 0].tolist() == [0]


def test_an_empty_shop(db):
    facts = interactions(as_of=AS_OF)
    assert facts.confidence.shape == (0, 0)
    assert len(facts.recent_buyers) == 0


def test_offerable_products(shop):
    shop.product("lamp", stock=0)
    shop.product("vase", active=False)
    shop.product("story", kind="content")
    offerable = [shop.product("rug", stock=3).pk, shop.product("bowl").pk]
    assert offerable_products().tolist() == offerable
