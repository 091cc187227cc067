from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.errors import Refused
from recommendations.actions.market_baskets import MINIMUM_BASKETS, find_market_baskets
from recommendations.models import AssociationRule, MarketBasketRun
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=100)


def test_rules_of_each_kind_are_kept_with_their_rank(bread_and_butter):
    run = find_market_baskets(as_of=AS_OF)
    assert (run.baskets, run.viewers, run.minimum_count) == (120, 100, 10)
    rules = run.rules.filter(kind=AssociationRule.Kind.CATEGORIES).order_by("rank")
    assert [(rule.antecedents, rule.consequent) for rule in rules] == [
        (["Bread"], "Butter"),
        (["Butter"], "Bread"),
    ]
    best = rules[0]
    assert (best.rank, best.count, best.support, best.confidence, best.lift) == (1, 60, 0.5, 1.0, 2.0)
    products = run.rules.filter(kind=AssociationRule.Kind.PRODUCTS)
    assert {rule.consequent for rule in products} == {"Title of Bread", "Title of Butter"}


def test_a_search_replaces_the_one_before(bread_and_butter):
    runs = [find_market_baskets(as_of=AS_OF) for _ in range(2)]
    assert list(MarketBasketRun.objects.all()) == runs[1:]
    assert set(AssociationRule.objects.values_list("run", flat=True)) == {runs[1].pk}


def test_too_few_orders_are_refused_with_the_remedy(shop):
    shop.order(shop.customer("A"), shop.product("lamp"), day=1)
    with pytest.raises(Refused, match=f"at least {MINIMUM_BASKETS} orders; there are 1"):
        find_market_baskets(as_of=AS_OF)
