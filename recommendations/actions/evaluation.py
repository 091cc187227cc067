"""Choosing a method and its hyper-parameters, and measuring it against the popular list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop
from scipy.sparse import csr_matrix

from backoffice.jobs import Progress, silent
from recommendations.actions.fit import Configuration, baseline_configurations, configurations, enough
from recommendations.actions.lists import list_maker
from recommendations.algorithms.evaluation import METRICS, coverage, interval, ranking_metrics
from recommendations.algorithms.methods import BASELINE
from recommendations.datasets.evaluation import Split, hidden_split, time_split
from recommendations.datasets.interactions import interactions, order_span
from recommendations.models.evaluation import (
    Comparison,
    Evaluation,
    Interval,
    MethodResult,
    RankingMetrics,
    Trial,
)

Array = np.ndarray[Any, Any]

TEST_WINDOW, TEST_SHARE = timedelta(days=30), 0.2  # the last 30 days, or the last fifth of a shorter history
MINIMUM_TESTED = 30  # customers; below, the interval of the comparison is as wide as the scale
MAXIMUM_TESTED = 20_000  # customers drawn for a comparison: more change the third digit only
MAXIMUM_TRIAL_CELLS = 2_000_000  # above, trying several configurations takes longer than it helps

NO_TEST = gettext_noop(
    "Too few customers bought two different products to compare methods. Until more do, everybody gets the "
    "popular products."
)
NOTHING_LEFT_OUT = np.empty(0, np.int64)  # stock and sale have no history


@dataclass(frozen=True)
class Choice:
    """`champion` makes the lists: a personal method only where it beat the popular list. `popular` makes the
    list of those without one of their own."""

    champion: Configuration
    popular: Configuration


def evaluate(
    *, as_of: datetime, seed: int, length: int, progress: Progress = silent
) -> tuple[Choice, Evaluation]:
    """Choose on one window of time the best configuration of each method and of the popular list, and compare
    them on the next, which the choice never saw.

    Each list (of `length` products) is fitted on, and made from, only what happened before its window, and
    ranks the full catalogue. Customers count who were known by then and bought products new to them. Where
    these are too few, one purchase of each customer is hidden instead, another for the choice. The best
    personal method is the champion where its NDCG is above the popular list's beyond chance (95 % interval of
    the differences between the two lists of one customer) and finds no fewer products; without such a proof
    the popular list is. Returns the choice and the evaluation to store.
    """
    windows = _windows(as_of)
    if windows is not None:
        validation_from, test_from, test_until = windows
        test = time_split(split=test_from, as_of=test_until)
        if len(_judged(test, seed)) >= MINIMUM_TESTED:
            validation = time_split(split=validation_from, as_of=test_from)
            return _tested(
                validation, test, (test_from, test_until), length=length, seed=seed, progress=progress
            )
    facts = interactions(as_of=as_of)
    validation, test = (hidden_split(facts, seed=seed + draw) for draw in range(2))
    if len(_judged(test, seed)) >= MINIMUM_TESTED and enough(test.known):
        return _tested(validation, test, None, length=length, seed=seed, progress=progress)
    untested = baseline_configurations()[0]
    return Choice(untested, untested), Evaluation(missing=NO_TEST)


def _tested(
    validation: Split,
    test: Split,
    window: tuple[datetime, datetime] | None,
    *,
    length: int,
    seed: int,
    progress: Progress,
) -> tuple[Choice, Evaluation]:
    """Choose on `validation`, compare on `test`."""
    best, popular, trials = _choose(validation, length=length, seed=seed, progress=progress)
    progress(45, 100, gettext_noop("Comparing with the popular products"))
    rows = _judged(test, seed)
    baseline = popular.fit(test.known, seed=seed)
    lists = {}
    for configuration in [*best, popular]:
        fitted = baseline if configuration is popular else configuration.fit(test.known, seed=seed)
        maker = list_maker(fitted, baseline, test.known, length=length, without=NOTHING_LEFT_OUT)
        lists[configuration.method.name] = maker.lists(rows).items
    comparison = compare(
        lists,
        test.relevant[rows],
        best=best[0].method.name,
        window=window,
        trials=trials,
        seed=seed,
    )
    champion = best[0] if comparison.champion == comparison.best else popular
    return Choice(champion, popular), Evaluation(comparison=comparison)


def compare(
    lists: dict[str, Array],
    relevant: csr_matrix,
    *,
    best: str,
    window: tuple[datetime, datetime] | None,
    trials: tuple[Trial, ...],
    seed: int,
) -> Comparison:
    """`lists`: by method, (customers, k) product numbers; `relevant` (customers, products): what those
    customers bought in the window, or what was hidden (`window` is None)."""
    values = {name: ranking_metrics(items, relevant) for name, items in lists.items()}
    baseline = BASELINE.name
    results = {
        name: MethodResult(
            _intervals(values[name], seed),
            coverage(items, relevant.shape[1]),
            None if name == baseline else _gain(values, name, seed),
        )
        for name, items in lists.items()
    }
    difference = _intervals(
        {metric: values[best][metric] - values[baseline][metric] for metric in METRICS}, seed
    )
    found = results[baseline].metrics.found.mean
    wins = difference.ndcg.low > 0 and difference.found.mean >= 0
    return Comparison(
        k=lists[best].shape[1],
        test_from=window and window[0],
        test_until=window and window[1],
        customers=relevant.shape[0],
        best=best,
        baseline=baseline,
        champion=best if wins else baseline,
        methods=results,
        difference=difference,
        ratio=results[best].metrics.found.mean / found if found else None,
        trials=trials,
    )


def _gain(values: dict[str, dict[str, Array]], name: str, seed: int) -> Interval:
    """NDCG of a method less that of the popular list."""
    return Interval(**interval(values[name]["ndcg"] - values[BASELINE.name]["ndcg"], seed=seed))


def _intervals(values: dict[str, Array], seed: int) -> RankingMetrics:
    return RankingMetrics(**{metric: Interval(**interval(values[metric], seed=seed)) for metric in METRICS})


def _windows(as_of: datetime) -> tuple[datetime, datetime, datetime] | None:
    """Beginning of the validation window, of the test window, and its end; None without a history."""
    span = order_span(as_of=as_of)
    if span is None:
        return None
    first, last = span
    length = min(TEST_WINDOW, (last - first) * TEST_SHARE)
    if not length:
        return None
    return last - 2 * length, last - length, min(as_of, last + timedelta(seconds=1))


def _choose(
    validation: Split, *, length: int, seed: int, progress: Progress
) -> tuple[list[Configuration], Configuration, tuple[Trial, ...]]:
    """By NDCG in the validation window the best configuration of each personal method, the best of all first;
    the best of the popular list; and every trial. Without trials the first of each."""
    personal, popular = configurations(validation.known), baseline_configurations()
    rows = _judged(validation, seed)
    if (
        len(rows) < MINIMUM_TESTED
        or not enough(validation.known)
        or validation.known.confidence.nnz > MAXIMUM_TRIAL_CELLS
    ):
        return _first_of_each_method(personal), popular[0], ()
    tried, trials = [*personal, *popular], []
    for at, configuration in enumerate(tried):
        progress(10 + 35 * at // len(tried), 100, gettext_noop("Trying parameters on earlier purchases"))
        lists = _lists(configuration, validation, rows, length=length, seed=seed)
        ndcg = float(ranking_metrics(lists, validation.relevant[rows])["ndcg"].mean())
        trials.append(Trial(configuration.method.name, configuration.as_json(), ndcg))
    ranked = [tried[at] for at in np.argsort([-trial.ndcg for trial in trials], kind="stable")]
    best = _first_of_each_method([one for one in ranked if one.method.personal])
    return best, next(one for one in ranked if not one.method.personal), tuple(trials)


def _first_of_each_method(tried: list[Configuration]) -> list[Configuration]:
    first: dict[str, Configuration] = {}
    for configuration in tried:
        first.setdefault(configuration.method.name, configuration)
    return list(first.values())


def _judged(held: Split, seed: int) -> Array:
    """Row numbers of the customers who bought something new, a sample when they are many."""
    rows = np.flatnonzero(np.diff(held.relevant.indptr))
    if len(rows) <= MAXIMUM_TESTED:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MAXIMUM_TESTED, replace=False))


def _lists(configuration: Configuration, held: Split, rows: Array, *, length: int, seed: int) -> Array:
    recommender = configuration.fit(held.known, seed=seed)
    return recommender.recommend(held.known, rows=rows, length=length, without=NOTHING_LEFT_OUT)[0]
