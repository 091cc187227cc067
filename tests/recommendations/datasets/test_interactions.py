from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils.translation import override

from recommendations.datasets.interactions import (
    held_out,
    interactions,
    offerable_products,
    order_span,
    popular_products,
)
from recommendations.datasets.offers import latest_purchases, offers_for
from recommendations.models import CustomerRecommendations, PublishedRun, RecommendationRun
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
    assert order_span(as_of=AS_OF)[0] == OPENING + timedelta(days=1)
    assert len(interactions(as_of=AS_OF + timedelta(days=20)).customers) == 1


def test_popular_counts_customers_not_orders_and_only_lately(shop):
    anna, ben = shop.customer("A"), shop.customer("B")
    lamp, vase, rug = shop.product("lamp"), shop.product("vase"), shop.product("rug")
    for day in (100, 101, 102):
        shop.order(anna, lamp, day=day)
    shop.order(anna, vase, day=103)
    shop.order(ben, vase, day=103)
    shop.order(ben, rug, day=1)
    assert popular_products(as_of=OPENING + timedelta(days=200)).tolist() == [vase.pk, lamp.pk]
    assert popular_products(as_of=OPENING).tolist() == []


def test_held_out_are_new_purchases_of_known_customers(shop):
    anna, ben = shop.customer("A"), shop.customer("B")
    lamp, vase, rug = shop.product("lamp"), shop.product("vase"), shop.product("rug")
    shop.order(anna, lamp, day=1)
    shop.event(anna, vase, day=2)
    shop.order(anna, lamp, vase, rug, day=11)
    shop.order(ben, lamp, day=11)
    held = held_out(split=OPENING + timedelta(days=10), as_of=AS_OF)
    assert held.known.customers.tolist() == [anna.pk]
    assert held.relevant.toarray().tolist() == [[0, 1]]  # the lamp is not new, the rug was unknown, Ben too


def test_latest_purchases(shop):
    anna, lamp, vase, rug = shop.customer("A"), *(shop.product(sku) for sku in ("lamp", "vase", "rug"))
    for day, product in enumerate((lamp, vase, rug, lamp)):
        shop.order(anna, product, day=day)
    assert latest_purchases([anna.pk], 2, as_of=AS_OF) == {anna.pk: [lamp, rug]}


def publish(shop, anna, offers, popular):
    run = RecommendationRun.objects.create(as_of=AS_OF, popular_ids=[product.pk for product in popular])
    CustomerRecommendations.objects.create(
        run=run,
        customer=anna,
        product_ids=[product.pk for product, _because, _bought in offers],
        scores=[0.9 - at / 10 for at in range(len(offers))],
        because_bought=[bought for *_rest, bought in offers],
        because_ids=[because.pk if because else 0 for _product, because, _bought in offers],
    )
    PublishedRun.point_to(run)


def test_offers_carry_products_and_reasons(shop, django_assert_num_queries):
    anna, ben = shop.customer("A"), shop.customer("B")
    lamp, vase, rug, bowl, cup = (shop.product(sku) for sku in ("lamp", "vase", "rug", "bowl", "cup"))
    publish(
        shop, anna, [(lamp, rug, True), (vase, rug, False), (bowl, bowl, False), (cup, None, False)], [rug]
    )
    with django_assert_num_queries(4):
        offers = offers_for([anna.pk, ben.pk], 20)
    assert [offer.product for offer in offers[anna.pk]] == [lamp, vase, bowl, cup]
    with override("en"):
        assert [offer.reason for offer in offers[anna.pk]] == [
            "because you bought Title of rug",
            "because you looked at Title of rug",
            "because you looked at it",
            "popular now",
        ]
    assert [(offer.product, offer.because) for offer in offers[ben.pk]] == [(rug, None)]
    assert offers_for([anna.pk], 1)[anna.pk] == offers[anna.pk][:1]


def test_what_ran_out_is_not_offered(shop):
    anna = shop.customer("A")
    lamp, vase, rug = (
        shop.product("lamp", stock=0),
        shop.product("vase", active=False),
        shop.product("rug", stock=3),
    )
    publish(shop, anna, [(lamp, None, False), (vase, None, False)], [vase, rug])
    assert [offer.product for offer in offers_for([anna.pk], 20)[anna.pk]] == [rug]
    assert offerable_products().tolist() == [rug.pk]


def test_nothing_is_published(shop):
    anna = shop.customer("A")
    assert offers_for([anna.pk], 20) == {anna.pk: []}
