from __future__ import annotations

from datetime import timedelta

from recommendations.datasets.interactions import interactions
from recommendations.datasets.purchases import latest_purchases, owned, with_history
from shop.models import OrderLine
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=50)


def test_latest_purchases(shop):
    anna, lamp, vase, rug = shop.customer("A"), *(shop.product(sku) for sku in ("lamp", "vase", "rug"))
    for day, product in enumerate((lamp, vase, rug, lamp)):
        shop.order(anna, product, day=day)
    assert latest_purchases([anna.pk], 2, as_of=AS_OF) == {anna.pk: [lamp, rug]}


def test_what_was_returned_is_left_out(shop):
    anna, lamp = shop.customer("A"), shop.product("lamp")
    shop.order(anna, lamp, day=1)
    shop.order(anna, lamp, day=2, quantity=-1, status="cancellation")
    assert latest_purchases([anna.pk], 2, as_of=AS_OF) == {anna.pk: []}


def test_owned_is_what_was_bought_and_kept(shop):
    anna, ben, lamp, vase = shop.customer("A"), shop.customer("B"), shop.product("lamp"), shop.product("vase")
    shop.order(anna, lamp, vase, day=1)
    shop.order(anna, vase, day=2, quantity=-1, status="cancellation")
    shop.order(ben, vase, day=3, status="pending")
    assert owned([anna.pk, ben.pk], [lamp.pk, vase.pk]) == {anna.pk: {lamp.pk}}
    assert owned([anna.pk], [vase.pk]) == owned([], []) == {}


def test_what_came_in_exchange_is_owned_though_it_was_no_purchase(shop):
    anna, lamp, vase = shop.customer("A"), shop.product("lamp"), shop.product("vase")
    exchange = shop.order(anna, lamp, day=1)
    OrderLine.objects.create(order=exchange, product=vase, key="back", quantity=-2, unit_price=50)
    assert latest_purchases([anna.pk], 2, as_of=AS_OF) == {anna.pk: []}
    assert with_history([anna.pk]) == set()
    assert not interactions(as_of=AS_OF).bought.any()
    assert not interactions(as_of=AS_OF).recent_buyers.any()
    assert owned([anna.pk], [lamp.pk, vase.pk]) == {anna.pk: {lamp.pk}}


def test_a_history_is_what_lists_are_learned_from(shop):
    buyer, viewer, searcher, returner, nobody = (shop.customer(name) for name in "ABCDE")
    lamp = shop.product("lamp")
    shop.order(buyer, lamp, day=1)
    shop.event(viewer, lamp, day=2)
    shop.event(searcher, lamp, day=2, kind="purchase")
    shop.order(returner, lamp, day=1)
    shop.order(returner, lamp, day=3, quantity=-1, status="cancellation")
    everybody = [customer.pk for customer in (buyer, viewer, searcher, returner, nobody)]
    assert with_history(everybody) == {buyer.pk, viewer.pk}
    assert with_history(everybody, until=OPENING + timedelta(days=1.5)) == {buyer.pk, returner.pk}
    assert set(interactions(as_of=AS_OF).customers) == {buyer.pk, viewer.pk}
