from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from backoffice.errors import Refused
from recommendations.actions.refresh import refresh_recommendations
from recommendations.algorithms.methods import BASELINE, personal_methods
from recommendations.models import CustomerRecommendations, RecommendationRun
from recommendations.serving import offers_for
from shop.models import Customer, Order, OrderLine
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=200)


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
    assert [offer.product.pk for offer in offers_for([newcomer.pk], 20)[newcomer.pk]] == run.popular_ids[:20]


def test_equal_facts_and_seed_give_equal_lists(two_tastes):
    lists = []
    for _ in range(2):
        run = refresh_recommendations(as_of=AS_OF, seed=3)["run"]
        of_run = CustomerRecommendations.objects.filter(run=run).order_by("customer")
        lists.append(list(of_run.values_list("product_ids", "scores")))
    assert lists[0] == lists[1]


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
    assert run.method == BASELINE.name
    assert "30 customers" in run.evaluation.missing
    assert run.popular_ids == [lamp.pk]
    assert offers_for([anna.pk], 20)[anna.pk] == [], "she owns it"


def test_an_empty_shop_is_told_what_to_do(db):
    with pytest.raises(Refused, match="import a file of orders"):
        refresh_recommendations()
    assert not RecommendationRun.objects.exists()


def test_the_best_configuration_of_the_comparison_is_used(two_tastes):
    refresh_recommendations(as_of=AS_OF)
    run = RecommendationRun.objects.published()
    best = max(run.evaluation.comparison.trials, key=lambda trial: trial.ndcg)
    assert (run.method, run.parameters) == (best.method, best.parameters)
    assert len(run.example_ids) == 60


def test_without_a_comparison_the_first_guess_is_used(two_tastes):
    refresh_recommendations(as_of=AS_OF, compare=False)
    run = RecommendationRun.objects.published()
    assert run.method == personal_methods()[0].name
    assert run.evaluation.comparison is None


def test_by_default_the_facts_end_with_the_orders(two_tastes):
    refresh_recommendations(compare=False)
    last = Order.objects.order_by("-placed_at").first().placed_at
    assert RecommendationRun.objects.published().as_of == last + timedelta(seconds=1)


@pytest.mark.parametrize("orders", [1, 6])
def test_two_groups_of_twenty_see_their_own_taste_first(shop, orders):
    random = np.random.default_rng(orders)
    products = [shop.product(f"P{number}") for number in range(30)]
    customers = [shop.customer(f"C{number}") for number in range(40)]
    for number, customer in enumerate(customers):
        own = random.permutation(products[number % 2 :: 2])[:6]
        for at, basket in enumerate(np.array_split(own, orders)):
            shop.order(customer, *basket, day=at * 60)
    refresh_recommendations(as_of=OPENING + timedelta(days=400))
    offers = offers_for([customer.pk for customer in customers], 6)
    for number, customer in enumerate(customers):
        first = offers[customer.pk][0]
        assert int(first.product.sku[1:]) % 2 == number % 2
        assert int(first.because.sku[1:]) % 2 == number % 2
