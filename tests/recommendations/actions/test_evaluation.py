"""Choosing and comparing methods."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from scipy.sparse import csr_matrix

from recommendations.actions import evaluation
from recommendations.actions.evaluation import compare, evaluate
from recommendations.actions.fit import baseline_configurations, configurations
from recommendations.algorithms.methods import BASELINE, METHODS, personal_methods
from recommendations.datasets.interactions import interactions
from recommendations.models.evaluation import Evaluation
from shop.models import Order
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=200)
ASKED = {"as_of": AS_OF, "seed": 0, "length": 20}


def test_the_comparison_favours_personal_lists_where_tastes_differ(two_tastes):
    chosen, found = evaluate(**ASKED)
    comparison = found.comparison
    assert chosen.champion.method.name == comparison.champion == comparison.best
    assert comparison.methods[comparison.best].gain.low > 0
    assert set(comparison.methods) == set(METHODS)
    assert comparison.baseline == BASELINE.name
    personal, popular = (comparison.methods[name].metrics for name in (comparison.best, comparison.baseline))
    assert personal.recall.mean > popular.recall.mean
    assert comparison.difference.recall.low > 0
    assert comparison.ratio > 1.2
    assert comparison.test_from < comparison.test_until
    assert comparison.customers >= evaluation.MINIMUM_TESTED


def test_every_configuration_is_tried_and_the_best_is_chosen(two_tastes):
    chosen, found = evaluate(**ASKED)
    trials = found.comparison.trials
    assert len(trials) >= sum(len(method.candidates(80, 40)) for method in personal_methods())
    best = max(trials, key=lambda trial: trial.ndcg)
    assert (chosen.champion.method.name, chosen.champion.as_json()) == (best.method, best.parameters)
    popular = max((trial for trial in trials if trial.method == BASELINE.name), key=lambda trial: trial.ndcg)
    assert chosen.popular.as_json() == popular.parameters


def test_a_large_shop_tries_nothing(two_tastes, monkeypatch):
    monkeypatch.setattr(evaluation, "MAXIMUM_TRIAL_CELLS", 10)
    chosen, found = evaluate(**ASKED)
    assert found.comparison.trials == ()
    assert chosen.champion == configurations(interactions(as_of=AS_OF))[0]
    assert chosen.popular == baseline_configurations()[0]


def test_without_a_history_there_is_nothing_to_compare(shop):
    chosen, found = evaluate(**ASKED)
    assert (chosen.champion.method, found) == (BASELINE, Evaluation(missing=evaluation.NO_TEST))
    shop.order(shop.customer("A"), shop.product("lamp"), day=1)
    shop.order(shop.customer("B"), shop.product("vase"), day=90)
    assert evaluate(**ASKED)[1].missing == evaluation.NO_TEST


def test_a_baseline_that_finds_nothing_has_no_ratio():
    relevant = csr_matrix(np.array([[1, 0, 0], [0, 1, 0]]))
    lists = {"best": np.array([[0, 1], [1, 0]]), BASELINE.name: np.array([[2, -1], [2, -1]])}
    window = (OPENING, AS_OF)
    comparison = compare(lists, relevant, best="best", window=window, trials=(), seed=0)
    assert comparison.champion == "best"
    assert comparison.ratio is None
    assert comparison.difference.recall.mean == 1
    assert comparison.methods[BASELINE.name].coverage == 1 / 3


def test_what_is_not_better_beyond_chance_is_not_the_champion():
    random = np.random.default_rng(0)
    relevant = csr_matrix(np.ones((200, 1)) * (np.arange(10) == 3))
    worse, equal = (np.where(random.random((200, 1)) < share, 3, 4) for share in (0.3, 0.6))
    popular = np.where(random.random((200, 1)) < 0.55, 3, 4)
    for lists in (worse, equal, popular):
        found = compare(
            {"best": lists, BASELINE.name: popular},
            relevant,
            best="best",
            window=(OPENING, AS_OF),
            trials=(),
            seed=0,
        )
        assert found.champion == BASELINE.name
        assert found.best == "best"


def test_where_too_few_buy_again_purchases_are_hidden(two_tastes):
    Order.objects.update(placed_at=OPENING)
    chosen, found = evaluate(**ASKED)
    assert found.comparison.test_from is None
    assert found.comparison.customers == 80
    assert chosen.champion.method.personal
