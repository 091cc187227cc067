"""Lists that are personal only where they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommendations.actions.fit import Configuration, baseline_configurations, configurations
from recommendations.actions.lists import list_maker
from recommendations.algorithms.methods import METHODS, personal_methods
from recommendations.algorithms.topk import NOTHING
from tests.recommendations.algorithms.shops import interactions, two_tastes

NOTHING_LEFT_OUT = np.empty(0, np.int64)


def made(facts, configuration, *, length=20):
    popular = baseline_configurations()[0].fit(facts, seed=0)
    maker = list_maker(
        configuration.fit(facts, seed=0), popular, facts, length=length, without=NOTHING_LEFT_OUT
    )
    rows = np.arange(len(facts.customers))
    plain = popular.recommend(facts, rows=rows, length=length, without=NOTHING_LEFT_OUT)[0]
    return maker.lists(rows), plain


def first_guess(name, facts):
    method = METHODS[name]
    return Configuration(method, method.candidates(*facts.confidence.shape)[0])


@pytest.mark.parametrize("name", [method.name for method in personal_methods()])
@pytest.mark.parametrize(("products", "seed"), [(40, 1), (60, 2)])
def test_two_groups_of_twenty_with_nothing_in_common_see_their_own_taste_first(name, products, seed):
    facts = two_tastes(40, products, seed=seed)
    lists, _popular = made(facts, first_guess(name, facts))
    assert lists.personal.all()
    assert (lists.items[:, 0] % 2 == np.arange(40) % 2).all()
    speaks = lists.because != NOTHING
    reasons = facts.confidence.indices[lists.because[speaks]]
    assert (reasons % 2 == lists.items[speaks] % 2).all(), "no made-up reason"


def test_no_product_of_another_taste_has_a_reason():
    facts = two_tastes(40, 40, seed=1)
    for configuration in configurations(facts):
        lists, _popular = made(facts, configuration)
        other = lists.items % 2 != np.arange(40)[:, None] % 2
        assert (lists.because[other] == NOTHING).all()


@pytest.mark.parametrize("name", [method.name for method in personal_methods()])
def test_without_tastes_everybody_gets_the_popular_list_without_reasons(name):
    confidence = np.zeros((60, 30), np.float32)
    confidence[np.arange(60), 0] = 1.8
    confidence[::2, 1] = confidence[::3, 2] = confidence[::5, 3] = 1.8
    facts = interactions(csr_matrix(confidence))
    lists, popular = made(facts, first_guess(name, facts))
    assert (lists.items[~lists.personal] == popular[~lists.personal]).all()
    assert (lists.because[~lists.personal] == NOTHING).all()
    assert not lists.personal[confidence.sum(axis=1) == confidence[0, 0]].any()


def test_the_popular_method_has_no_personal_list():
    facts = two_tastes(40, 40)
    lists, popular = made(facts, baseline_configurations()[1])
    assert not lists.personal.any()
    assert (lists.items == popular).all()
