from __future__ import annotations

import hashlib
from datetime import timedelta

import numpy as np
import pytest
from django.core.files.storage import default_storage

from backoffice.errors import Refused
from recommendations.actions import refresh
from recommendations.actions.refresh import KEPT_RUNS, refresh_recommendations
from recommendations.datasets.offers import offers_for
from recommendations.models import CustomerRecommendations, RecommendationRun
from shop.actions.consent import record_consent
from shop.models import Customer, OrderLine, Product
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=200)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_everybody_gets_products_of_their_own_taste(two_tastes):
    customers, products = two_tastes
    newcomer = Customer.objects.create(external_id="new")
    result = refresh_recommendations(as_of=AS_OF, seed=1)
    assert result["customers"] == 80
    assert result["fallback_customers"] == 1
    bought = {
        customer.pk: set(
            OrderLine.objects.filter(order__customer=customer).values_list("product_id", flat=True)
        )
        for customer in customers
    }
    taste = {product.pk: number % 2 for number, product in enumerate(products)}
    offers = offers_for([customer.pk for customer in customers], 5)
    own = []
    for number, customer in enumerate(customers):
        for offer in offers[customer.pk]:
            assert offer.product.pk not in bought[customer.pk]
            assert offer.because is None or offer.because.pk in bought[customer.pk]
            own.append(taste[offer.product.pk] == number % 2)
    assert np.mean(own) > 0.95
    run = RecommendationRun.objects.published()
    assert [offer.product.pk for offer in offers_for([newcomer.pk], 20)[newcomer.pk]] == run.popular_ids


def test_the_comparison_favours_personal_lists_where_tastes_differ(two_tastes):
    refresh_recommendations(as_of=AS_OF)
    evaluation = RecommendationRun.objects.published().evaluation
    assert evaluation["methods"]["als"]["recall"]["mean"] > evaluation["methods"]["popular"]["recall"]["mean"]
    assert evaluation["difference"]["recall"]["low"] > 0
    assert evaluation["ratio"] > 1.2
    assert evaluation["from"] < evaluation["until"]
    assert evaluation["customers"] >= refresh.MINIMUM_TESTED


def test_equal_facts_and_seed_give_equal_lists(two_tastes):
    lists = []
    for _ in range(2):
        run = refresh_recommendations(as_of=AS_OF, seed=3)["run"]
        of_run = CustomerRecommendations.objects.filter(run=run).order_by("customer")
        lists.append(list(of_run.values_list("product_ids", "scores")))
    assert lists[0] == lists[1]


def test_what_cannot_be_sold_is_not_offered(two_tastes):
    _customers, products = two_tastes
    gone = [product.pk for product in products[:10]]
    Product.objects.filter(pk__in=gone[:5]).update(stock=0)
    Product.objects.filter(pk__in=gone[5:]).update(active=False)
    run = RecommendationRun.objects.get(pk=refresh_recommendations(as_of=AS_OF, compare=False)["run"])
    offered = {pk for one in CustomerRecommendations.objects.filter(run=run) for pk in one.product_ids}
    assert offered
    assert not offered & set(gone)
    assert not set(run.popular_ids) & set(gone)


def test_the_artefact_is_what_its_digest_says_and_knows_its_products(two_tastes):
    run = RecommendationRun.objects.get(pk=refresh_recommendations(as_of=AS_OF, compare=False)["run"])
    with default_storage.open(run.artefact) as file:
        body = file.read()
        assert hashlib.sha256(body).hexdigest() == run.artefact_sha256
        file.seek(0)
        stored = np.load(file, allow_pickle=False)
        assert stored["item_factors"].shape == (len(stored["product_ids"]), run.parameters["factors"])
        assert set(stored["product_ids"]) == {product.pk for product in two_tastes[1]}


def test_only_the_latest_runs_are_kept(two_tastes, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        runs = [refresh_recommendations(as_of=AS_OF, compare=False)["run"] for _ in range(KEPT_RUNS + 2)]
    assert set(RecommendationRun.objects.values_list("pk", flat=True)) == set(runs[-KEPT_RUNS:])
    assert set(CustomerRecommendations.objects.values_list("run", flat=True)) == set(runs[-KEPT_RUNS:])
    assert len(default_storage.listdir("recommendations")[1]) == KEPT_RUNS


def test_stopping_half_way_leaves_the_earlier_run_in_force(two_tastes):
    first = refresh_recommendations(as_of=AS_OF, compare=False)["run"]

    def killed(done, total=None, step=""):
        if done >= 70:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh_recommendations(as_of=AS_OF, compare=False, progress=killed)
    assert RecommendationRun.objects.published().pk == first
    assert set(CustomerRecommendations.objects.values_list("run", flat=True)) == {first}
    assert RecommendationRun.objects.count() == 1


def test_too_little_to_learn_from_makes_a_popular_run(shop):
    anna, lamp = shop.customer("A"), shop.product("lamp")
    shop.order(anna, lamp, day=1)
    result = refresh_recommendations(as_of=AS_OF)
    run = RecommendationRun.objects.published()
    assert (result["customers"], result["fallback_customers"]) == (0, 1)
    assert run.method == RecommendationRun.Method.POPULAR
    assert "50 customers" in run.evaluation["missing"]
    assert [offer.product for offer in offers_for([anna.pk], 20)[anna.pk]] == [lamp]


def test_an_empty_shop_is_told_what_to_do(db):
    with pytest.raises(Refused, match="import a file of orders"):
        refresh_recommendations()
    assert not RecommendationRun.objects.exists()


def test_erasing_a_customer_erases_the_list(two_tastes):
    refresh_recommendations(as_of=AS_OF, compare=False)
    two_tastes[0][0].delete()
    assert CustomerRecommendations.objects.count() == 79


def test_who_said_no_to_personalisation_gets_the_popular_products(two_tastes, ada):
    (before, after, *_others), _products = two_tastes
    no = {"by": ada, "channel": "email", "granted": False, "purpose": "profiling", "note": ""}
    record_consent(customer=before, **no)
    refresh_recommendations(as_of=AS_OF, compare=False)
    assert not CustomerRecommendations.objects.filter(customer=before).exists()
    record_consent(customer=after, **no)
    run = RecommendationRun.objects.published()
    for customer in (before, after):
        assert [offer.product.pk for offer in offers_for([customer.pk], 20)[customer.pk]] == run.popular_ids
    refresh_recommendations(as_of=AS_OF, compare=False)
    assert not CustomerRecommendations.objects.filter(customer=after).exists(), "in no run that is kept"
