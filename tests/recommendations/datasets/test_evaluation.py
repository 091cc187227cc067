from __future__ import annotations

from datetime import timedelta

import numpy as np

from recommendations.datasets.evaluation import hidden_split, time_split
from tests.recommendations.algorithms.shops import random_shop
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=50)


def test_relevant_are_new_purchases_of_known_customers(shop):
    anna, ben = shop.customer("A"), shop.customer("B")
    lamp, vase, rug = shop.product("lamp"), shop.product("vase"), shop.product("rug")
    shop.order(anna, lamp, day=1)
    shop.event(anna, vase, day=2)
    shop.order(anna, lamp, vase, rug, day=11)
    shop.order(ben, lamp, day=11)
    held = time_split(split=OPENING + timedelta(days=10), as_of=AS_OF)
    assert held.known.customers.tolist() == [anna.pk]
    assert held.relevant.toarray().tolist() == [[0, 1]]  # the lamp is not new, the rug was unknown, Ben too


def test_nothing_happened_before_the_split(shop):
    shop.order(shop.customer("A"), shop.product("lamp"), day=11)
    held = time_split(split=OPENING, as_of=AS_OF)
    assert held.relevant.shape == (0, 0)


def test_one_purchase_of_each_customer_is_hidden():
    facts = random_shop()
    split = hidden_split(facts, seed=1)
    had, kept = np.diff(facts.purchases.indptr), np.diff(split.known.purchases.indptr)
    assert (had - kept == (had >= 2)).all()
    assert (np.diff(split.relevant.indptr) == (had >= 2)).all()
    assert split.known.purchases.multiply(split.relevant).nnz == 0
    assert ((split.known.purchases + split.relevant) != facts.purchases).nnz == 0
    assert split.known.confidence.nnz == facts.confidence.nnz - split.relevant.nnz == len(split.known.bought)
    assert (hidden_split(facts, seed=2).relevant != split.relevant).nnz
