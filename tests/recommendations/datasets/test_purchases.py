from __future__ import annotations

from datetime import timedelta

from recommendations.datasets.purchases import latest_purchases
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
