from __future__ import annotations

from datetime import timedelta

from recommendations.models import CustomerRecommendations, Evaluation, LeftOut, RecommendationRun
from recommendations.presenters.left_out import left_out_reasons, why_popular
from shop.actions.consents import record_consent
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=50)


def test_every_count_has_its_reason():
    run = RecommendationRun(left_out=LeftOut(refused=237, no_history=1, ordinary=2))
    assert left_out_reasons(run) == [
        "237 refused personalisation",
        "1 has bought and viewed nothing yet, or sent it back",
        "2 would get lists that hardly differ from the popular one",
    ]
    assert "no personal list" in left_out_reasons(RecommendationRun(left_out=LeftOut(not_better=5)))[0]


def test_every_customer_has_a_reason(shop, ada):
    lamp, vase = shop.product("lamp"), shop.product("vase")
    refused, ordinary, newcomer, late, returned, owner = (shop.customer(name) for name in "ABCDEF")
    for customer in (refused, ordinary, returned, owner):
        shop.order(customer, lamp, day=1)
    shop.order(returned, lamp, day=2, quantity=-1, status="cancellation")
    shop.event(late, vase, day=60)
    shop.order(owner, vase, day=60)
    record_consent(customer=refused, by=ada, channel="email", granted=False, purpose="profiling", note="")
    run = RecommendationRun.objects.create(as_of=AS_OF, method="als", popular_ids=[lamp.pk])
    CustomerRecommendations.objects.create(
        run=run, customer=owner, product_ids=[vase.pk], scores=[1], because_ids=[0], because_bought=[False]
    )
    people = [refused, ordinary, newcomer, late, returned, owner]
    reasons = why_popular(run, [customer.pk for customer in people])
    assert [reasons[customer.pk].removeprefix("popular products: ") for customer in people] == [
        "opted out of personalisation",
        "a personal list would hardly differ",
        "no purchases or views to learn from",
        "bought or viewed something only since the last refresh",
        "no purchases or views to learn from",
        "everything on the personal list is owned or sold out by now",
    ]


def test_where_nobody_has_a_list_the_reason_is_the_shops(shop):
    anna = shop.customer("A")
    shop.order(anna, shop.product("lamp"), day=1)
    run = RecommendationRun.objects.create(as_of=AS_OF, method="popular", evaluation=Evaluation(missing="x"))
    assert "too little to learn tastes from" in why_popular(run, [anna.pk])[anna.pk]
