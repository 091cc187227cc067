"""Writing, putting in force, and deleting what is outdated."""

from __future__ import annotations

from datetime import timedelta

from recommendations.actions.publish import KEPT_RUNS
from recommendations.actions.refresh import refresh_recommendations
from recommendations.models import CustomerRecommendations, RecommendationRun
from recommendations.serving import offers_for
from shop.actions.consents import record_consent
from shop.models import OrderLine, Product
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=200)


def test_what_cannot_be_sold_is_not_offered(two_tastes):
    _customers, products = two_tastes
    gone = [product.pk for product in products[:10]]
    Product.objects.filter(pk__in=gone[:5]).update(stock=0)
    Product.objects.filter(pk__in=gone[5:]).update(active=False)
    run = RecommendationRun.objects.get(pk=refresh_recommendations(as_of=AS_OF, compare=False)["run"])
    offered = {pk for row in CustomerRecommendations.objects.filter(run=run) for pk in row.product_ids}
    assert offered
    assert not offered & set(gone)
    assert not set(run.popular_ids) & set(gone)


def test_only_the_latest_runs_are_kept(two_tastes):
    runs = [refresh_recommendations(as_of=AS_OF, compare=False)["run"] for _ in range(KEPT_RUNS + 2)]
    assert set(RecommendationRun.objects.values_list("pk", flat=True)) == set(runs[-KEPT_RUNS:])
    assert set(CustomerRecommendations.objects.values_list("run", flat=True)) == set(runs[-KEPT_RUNS:])


def test_erasing_a_customer_erases_the_list(two_tastes):
    refresh_recommendations(as_of=AS_OF, compare=False)
    two_tastes[0][0].delete()
    assert CustomerRecommendations.objects.count() == 79


def test_who_opted_out_of_personalisation_gets_the_popular_products(two_tastes, ada):
    (before, after, *_others), _products = two_tastes
    no = {"by": ada, "channel": "email", "granted": False, "purpose": "profiling", "note": ""}
    record_consent(customer=before, **no)
    refresh_recommendations(as_of=AS_OF, compare=False)
    assert not CustomerRecommendations.objects.filter(customer=before).exists()
    record_consent(customer=after, **no)
    run = RecommendationRun.objects.published()
    for customer in (before, after):
        bought = set(OrderLine.objects.filter(order__customer=customer).values_list("product_id", flat=True))
        popular = [pk for pk in run.popular_ids if pk not in bought]
        assert [offer.product.pk for offer in offers_for([customer.pk], 20)[customer.pk]] == popular[:20]
    refresh_recommendations(as_of=AS_OF, compare=False)
    assert not CustomerRecommendations.objects.filter(customer=after).exists(), "in no run that is kept"
