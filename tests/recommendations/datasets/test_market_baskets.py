from __future__ import annotations

from datetime import timedelta

from recommendations.datasets.market_baskets import category_baskets, product_baskets, views_and_purchases
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=100)


def by_basket(baskets) -> list[set[str]]:
    """The names in each basket, in the order of the orders."""
    found: dict[int, set[str]] = {}
    for basket, item in zip(baskets.basket, baskets.item, strict=True):
        found.setdefault(basket, set()).add(baskets.names[item])
    return [found[basket] for basket in sorted(found)]


def test_paid_orders_of_the_last_year_are_baskets(shop):
    anna = shop.customer("A")
    lamp, vase = shop.product("lamp", category="light"), shop.product("vase", category="decor")
    shop.order(anna, lamp, vase, day=10)
    shop.order(None, lamp, day=20)
    shop.order(anna, lamp, day=120)
    shop.order(anna, vase, day=-300)
    shop.order(anna, vase, day=30, status="pending")
    shop.order(anna, vase, day=30, quantity=-1)
    assert by_basket(product_baskets(as_of=AS_OF)) == [{"Title of lamp", "Title of vase"}, {"Title of lamp"}]
    assert by_basket(category_baskets(as_of=AS_OF)) == [{"light", "decor"}, {"light"}]


def test_products_without_a_category_are_in_no_category_basket(shop):
    shop.order(shop.customer("A"), shop.product("lamp"), day=10)
    assert len(category_baskets(as_of=AS_OF).basket) == 0


def test_a_purchase_counts_within_thirty_days_of_the_first_view(shop):
    anna, ben, cleo = (shop.customer(number) for number in "ABC")
    lamp, vase = shop.product("lamp", category="light"), shop.product("vase", category="decor")
    for customer in (anna, ben, cleo):
        shop.event(customer, lamp, day=40)
    shop.order(anna, vase, day=60)
    shop.order(ben, vase, day=75)
    shop.order(cleo, lamp, day=39)
    seen = views_and_purchases(as_of=AS_OF)
    bought = [seen.names[item] if item >= 0 else None for item in seen.bought]
    assert dict(zip(seen.customer, bought, strict=True)) == {anna.pk: "decor", ben.pk: None, cleo.pk: None}
    assert {seen.names[item] for item in seen.viewed} == {"light"}


def test_an_empty_shop(db):
    assert len(product_baskets(as_of=AS_OF).basket) == len(views_and_purchases(as_of=AS_OF).customer) == 0
