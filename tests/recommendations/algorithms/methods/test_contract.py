"""What every method of recommending promises."""

from __future__ import annotations

import io
from dataclasses import asdict, is_dataclass, replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommendations.algorithms.methods import BASELINE, METHODS, personal_methods
from recommendations.algorithms.topk import NOTHING
from tests.recommendations.algorithms.shops import interactions, random_shop, two_tastes

NOTHING_LEFT_OUT = np.empty(0, np.int64)


@pytest.fixture(params=METHODS)
def method(request):
    return METHODS[request.param]


def fitted(method, facts, seed=0):
    return method(method.candidates(*facts.confidence.shape)[0], seed=seed).fit(facts)


def lists(method, facts, *, length=5, without=NOTHING_LEFT_OUT, seed=0):
    rows = np.arange(len(facts.customers))
    return fitted(method, facts, seed).recommend(facts, rows=rows, length=length, without=without)


def test_names_are_those_of_the_registry_and_titles_differ():
    assert {name: method.name for name, method in METHODS.items()} == {name: name for name in METHODS}
    assert len({method.title for method in METHODS.values()}) == len(METHODS)
    assert max(map(len, METHODS)) <= 20, "the column that stores it"
    assert not BASELINE.personal
    assert personal_methods()


def test_hyper_parameters_are_frozen_numbers(method):
    for size in [(0, 0), (60, 30), (10**6, 10**5)]:
        tried = method.candidates(*size)
        assert tried
        assert len(set(tried)) == len(tried)
        for parameters in tried:
            assert is_dataclass(parameters)
            assert parameters.__dataclass_params__.frozen
            assert all(isinstance(value, int | float) for value in asdict(parameters).values())
            assert isinstance(parameters, method.Parameters)


def test_equal_facts_and_seed_give_equal_lists(method):
    first, second = (lists(method, random_shop(), seed=4) for _ in range(2))
    assert (first[0] == second[0]).all()
    assert first[1].tobytes() == second[1].tobytes()


def test_lists_hold_neither_what_was_bought_nor_what_is_left_out(method):
    facts, without = random_shop(), np.array([3, 4])
    items, scores = lists(method, facts, length=30, without=without)
    assert items.shape == scores.shape == (60, 30)
    for row in range(60):
        offered = items[row][items[row] != NOTHING]
        assert not set(offered) & ({*facts.purchases[row].indices} | {3, 4})
        assert len(set(offered)) == len(offered)


def test_lists_are_best_first_and_padded_at_their_end(method):
    items, scores = lists(method, random_shop(), length=30)
    for row, score in zip(items, scores, strict=True):
        length = (row != NOTHING).sum()
        assert (row[:length] != NOTHING).all()
        assert (np.diff(score[:length]) <= 0).all()
        assert (score[length:] == 0).all()
    assert np.isfinite(scores).all()


def test_some_rows_in_any_order_get_the_lists_of_all(method):
    facts, rows = random_shop(), np.array([7, 3, 50])
    estimator = fitted(method, facts)
    some = estimator.recommend(facts, rows=rows, length=5, without=NOTHING_LEFT_OUT)[0]
    assert (some == lists(method, facts)[0][rows]).all()
    nobody = estimator.recommend(facts, rows=rows[:0], length=5, without=NOTHING_LEFT_OUT)[0]
    assert nobody.shape == (0, 5)


def test_nothing_left_to_offer(method):
    assert (lists(method, random_shop(), without=np.arange(30))[0] == NOTHING).all()


def test_who_owns_everything_is_offered_nothing(method):
    confidence = np.zeros((60, 30), np.float32)
    confidence[:, :10] = random_shop().confidence.toarray()[:, :10]
    confidence[7] = 1
    assert (lists(method, interactions(csr_matrix(confidence)))[0][7] == NOTHING).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 20), (20, 1)])
def test_tiny_shops_are_answered(method, shape):
    facts = interactions(csr_matrix(np.ones(shape, np.float32)))
    assert (lists(method, facts)[0] == NOTHING).all()


def test_products_that_nobody_touched_are_not_offered(method):
    facts = random_shop()
    confidence = csr_matrix(np.hstack([facts.confidence.toarray(), np.zeros((60, 3), np.float32)]))
    items, _scores = lists(method, interactions(confidence), length=33)
    assert items.max() < 30


def test_reasons_are_the_customers_own(method):
    facts = random_shop()
    estimator, rows = fitted(method, facts), np.array([7, 3, 50])
    items, _scores = estimator.recommend(facts, rows=rows, length=25, without=NOTHING_LEFT_OUT)
    because = estimator.explain(facts, rows, items)
    assert because.shape == items.shape
    assert (because[items == NOTHING] == NOTHING).all()
    start, end = facts.confidence.indptr[rows], facts.confidence.indptr[rows + 1]
    own = (because >= start[:, None]) & (because < end[:, None])
    assert (own | (because == NOTHING)).all()
    assert own.any() == method.personal


def test_a_stored_estimator_recommends_the_same(method):
    facts = two_tastes()
    estimator, file = fitted(method, facts), io.BytesIO()
    np.savez(file, **estimator.to_arrays())
    file.seek(0)
    again = method.from_arrays(dict(np.load(file, allow_pickle=False)))
    rows = np.arange(len(facts.customers))
    before, after = (
        fit.recommend(facts, rows=rows, length=5, without=NOTHING_LEFT_OUT)[0] for fit in (estimator, again)
    )
    shared = [len({*before[row]} & {*after[row]}) / 5 for row in rows]
    assert np.mean(shared) > 0.9, "factors may be solved for again, by another way to the same end"


def test_a_stored_estimator_holds_no_customer(method):
    arrays = fitted(method, random_shop()).to_arrays()
    assert all(len(np.atleast_1d(array)) != 60 for array in arrays.values())


def test_a_stored_estimator_serves_somebody_new(method):
    facts = two_tastes()
    estimator = method.from_arrays(fitted(method, facts).to_arrays())
    newcomer = np.zeros((1, 60), np.float32)
    newcomer[0, [0, 2, 4]] = 1.8
    visit = replace(interactions(csr_matrix(newcomer)), products=facts.products)
    items, _scores = estimator.recommend(visit, rows=np.array([0]), length=5, without=NOTHING_LEFT_OUT)
    assert (items != NOTHING).all()
    assert not {*items[0]} & {0, 2, 4}
    if method.personal:
        assert (items % 2 == 0).all()


@pytest.mark.parametrize("name", [method.name for method in personal_methods()])
def test_two_tastes_are_told_apart(name):
    facts = two_tastes()
    items, _scores = lists(METHODS[name], facts)
    assert (items % 2 == np.arange(200)[:, None] % 2).mean() > 0.95
