from __future__ import annotations

from datetime import timedelta

from django.utils.translation import override

from recommendations.models import NO_REASON, CustomerRecommendations, RecommendationRun
from recommendations.serving import offers_for, popular_offers, serve
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=50)


def publish(shop, anna, offers, popular):
    run = RecommendationRun.objects.create(
        as_of=AS_OF, method="any", popular_ids=[product.pk for product in popular]
    )
    CustomerRecommendations.objects.create(
        run=run,
        customer=anna,
        product_ids=[product.pk for product, _because, _bought in offers],
        scores=[0.9 - at / 10 for at in range(len(offers))],
        because_bought=[bought for *_rest, bought in offers],
        because_ids=[because.pk if because else NO_REASON for _product, because, _bought in offers],
    )
    run.publish()


def test_offers_carry_products_and_reasons(shop, django_assert_num_queries):
    anna, ben = shop.customer("A"), shop.customer("B")
    lamp, vase, rug, bowl, cup = (shop.product(sku) for sku in ("lamp", "vase", "rug", "bowl", "cup"))
    publish(
        shop, anna, [(lamp, rug, True), (vase, rug, False), (bowl, bowl, False), (cup, None, False)], [rug]
    )
    with django_assert_num_queries(5):
        offers = offers_for([anna.pk, ben.pk], 20)
    assert [offer.product for offer in offers[anna.pk]] == [lamp, vase, bowl, cup]
    with override("en"):
        assert [offer.reason for offer in offers[anna.pk]] == [
            "because you bought Title of rug",
            "because you viewed Title of rug",
            "because you viewed it",
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
    assert [offer.product for offer in popular_offers()] == [rug]
    assert not serve([anna.pk])[anna.pk].personal, "what is left of the list are the popular products"


def test_what_is_owned_by_now_is_on_no_list(shop):
    anna, ben, cleo = shop.customer("A"), shop.customer("B"), shop.customer("C")
    lamp, vase, rug, bowl = (shop.product(sku) for sku in ("lamp", "vase", "rug", "bowl"))
    publish(shop, anna, [(lamp, None, False), (vase, None, False)], [rug, bowl])
    shop.order(anna, lamp, day=60)
    shop.order(ben, rug, day=10)
    shop.order(ben, bowl, day=60, status="pending")
    shop.order(cleo, rug, day=60)
    shop.order(cleo, rug, day=61, quantity=-1, status="cancellation")
    offered = {
        pk: [offer.product for offer in offers]
        for pk, offers in offers_for([anna.pk, ben.pk, cleo.pk]).items()
    }
    assert offered == {anna.pk: [vase], ben.pk: [bowl], cleo.pk: [rug, bowl]}
    shop.order(anna, vase, rug, day=62)
    served = serve([anna.pk])[anna.pk]
    assert ([offer.product for offer in served.offers], served.personal) == ([bowl], False)


def test_nothing_is_published(shop):
    anna = shop.customer("A")
    assert offers_for([anna.pk], 20) == {anna.pk: []}
    assert popular_offers() == []
