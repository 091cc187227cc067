"""Fitting recommendations and putting them in force."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from scipy.sparse import csr_matrix

from backoffice.bulk_copy import write_blocks
from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from recommendations.algorithms.als import AlsRecommender, Parameters, candidates, spread
from recommendations.algorithms.evaluation import METRICS, coverage, interval, popular_lists, ranking_metrics
from recommendations.datasets.interactions import (
    Array,
    HeldOut,
    Interactions,
    held_out,
    interactions,
    offerable_products,
    order_span,
    popular_products,
)
from recommendations.models import CustomerRecommendations, PublishedRun, RecommendationRun
from shop.models import Customer, Unprofiled

LIST_LENGTH = 20
KEPT_RUNS = 5
MINIMUM_CUSTOMERS, MINIMUM_PRODUCTS, MINIMUM_CELLS = (
    50,
    20,
    200,
)  # below, factors would only repeat the popular list
MINIMUM_TESTED = 30  # customers; below, the interval of the comparison is as wide as the scale
TESTED = 20_000  # customers drawn for a comparison: more change the third digit only
CHOICE_CELLS = 2_000_000  # above, trying several parameters takes longer than it helps
TEST_WINDOW, TEST_SHARE = timedelta(days=30), 0.2  # the last 30 days, or the last fifth of a shorter history
EXAMPLES = 60
BLOCK = 2_500  # customers recommended for and explained at a time, while the database writes those before

TOO_FEW = gettext_noop(
    "There is too little to learn tastes from: personal lists need at least 50 customers and 20 products."
)
NO_TEST = gettext_noop("Too few customers bought something new in the test time to compare methods.")

Evaluation = dict[str, Any]


def refresh_recommendations(
    *, as_of: datetime | None = None, seed: int = 0, compare: bool = True, progress: Progress = silent
) -> dict[str, Any]:
    """Learn from the facts before `as_of` (now), write every customer's list as a new run and put it in
    force.

    With `compare` the parameters are first chosen and measured against the popular list on the latest
    purchases; without, the best guess for this size is used. Too little data make a run of the popular list
    only. One transaction: whatever stops it leaves the earlier run in force. Returns counts for the job's
    result. Raises Refused in an empty shop.
    """
    as_of = as_of or timezone.now()
    progress(0, 100, gettext_noop("Reading what customers bought and looked at"))
    facts = interactions(as_of=as_of)
    popular = popular_products(as_of=as_of)
    popular = popular[np.isin(popular, offerable_products())]
    if not len(facts.customers):
        raise Refused(
            _("There are no orders and no visits yet: import a file of orders, then refresh again.")
        )
    run = RecommendationRun(
        as_of=as_of, seed=seed, products=len(facts.products), popular_ids=popular[:LIST_LENGTH].tolist()
    )
    learn = enough(facts)
    if learn:
        parameters = candidates(*facts.confidence.shape)[0]
        run.evaluation = {"missing": NO_TEST}
        if compare:
            parameters, run.evaluation = evaluate(as_of=as_of, seed=seed, progress=progress)
        run.parameters = asdict(parameters)
        progress(60, 100, gettext_noop("Learning tastes"))
        estimator = AlsRecommender(parameters, seed=seed).fit(facts.confidence)
        run.example_ids = facts.customers[_examples(estimator, facts)].tolist()
    else:
        run.method = RecommendationRun.Method.POPULAR
        run.evaluation = {"missing": TOO_FEW}
    with transaction.atomic():
        run.save()
        if learn:
            run.customers = _write_lists(run, estimator, facts, progress)
            _keep_artefact(run, estimator, facts.products)
        run.fallback_customers = Customer.objects.count() - run.customers
        run.save()
        PublishedRun.point_to(run)
        _prune()
    progress(100, 100)
    return {
        "run": run.pk,
        "customers": run.customers,
        "fallback_customers": run.fallback_customers,
        "products": run.products,
    }


def enough(facts: Interactions) -> bool:
    """Whether tastes can be learned from so much."""
    customers, products = facts.confidence.shape
    return (
        customers >= MINIMUM_CUSTOMERS
        and products >= MINIMUM_PRODUCTS
        and facts.confidence.nnz >= MINIMUM_CELLS
    )


def evaluate(*, as_of: datetime, seed: int, progress: Progress = silent) -> tuple[Parameters, Evaluation]:
    """Choose parameters on one stretch of time and compare with the popular list on the next, which the
    choice never saw.

    Each list is fitted on, and asked for with, only what happened before its stretch, and ranks the full
    catalogue; judged are customers known by then who bought products new to them. Returns the parameters and
    what `RecommendationRun.evaluation` holds: {"k", "from", "until", "customers", "methods": {method:
    {metric: {mean, low, high}, "coverage"}}, "difference": {metric: {mean, low, high}}, "ratio", "choice"},
    or {"missing": message id}.
    """
    span = order_span(as_of=as_of)
    window = min(TEST_WINDOW, (span[1] - span[0]) * TEST_SHARE) if span else timedelta(0)
    if not span or not window:
        return Parameters(), {"missing": NO_TEST}
    split, until = span[1] - window, min(as_of, span[1] + timedelta(seconds=1))
    parameters, choice = _choose(held_out(split=split - window, as_of=split), seed, progress)
    progress(45, 100, gettext_noop("Comparing with the popular products"))
    test = held_out(split=split, as_of=until)
    rows = _judged(test, seed)
    if len(rows) < MINIMUM_TESTED:
        return parameters, {"missing": NO_TEST}
    lists = {
        "als": _personal_lists(test, rows, parameters, seed),
        "popular": _popular_lists(test, rows, as_of=split),
    }
    evaluation = _compare(lists, test.relevant[rows], seed)
    return parameters, evaluation | {
        "k": LIST_LENGTH,
        "from": split.isoformat(),
        "until": until.isoformat(),
        "customers": len(rows),
        "choice": choice,
    }


def _choose(validation: HeldOut, seed: int, progress: Progress) -> tuple[Parameters, list[dict[str, float]]]:
    """The candidate with the best NDCG on the validation stretch, and every candidate's."""
    tried = candidates(*validation.known.confidence.shape)
    rows = _judged(validation, seed)
    if (
        len(rows) < MINIMUM_TESTED
        or not enough(validation.known)
        or validation.known.confidence.nnz > CHOICE_CELLS
    ):
        return tried[0], []
    choice = []
    for at, parameters in enumerate(tried):
        progress(10 + 35 * at // len(tried), 100, gettext_noop("Trying parameters on earlier purchases"))
        lists = _personal_lists(validation, rows, parameters, seed)
        ndcg = ranking_metrics(lists, validation.relevant[rows])["ndcg"].mean()
        choice.append({**asdict(parameters), "ndcg": float(ndcg)})
    return max(zip(tried, choice, strict=True), key=lambda pair: pair[1]["ndcg"])[0], choice


def _judged(held: HeldOut, seed: int) -> Array:
    """Row numbers of the customers who bought something new, a sample when they are many."""
    rows = np.flatnonzero(np.diff(held.relevant.indptr))
    if len(rows) <= TESTED:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, TESTED, replace=False))


def _personal_lists(held: HeldOut, rows: Array, parameters: Parameters, seed: int) -> Array:
    estimator = AlsRecommender(parameters, seed=seed).fit(held.known.confidence)
    nothing = np.empty(0, np.int64)
    return estimator.recommend(held.known.purchases, rows=rows, length=LIST_LENGTH, without=nothing)[0]


def _popular_lists(held: HeldOut, rows: Array, *, as_of: datetime) -> Array:
    popular = popular_products(as_of=as_of)
    return popular_lists(
        np.searchsorted(held.known.products, popular), held.known.purchases, rows=rows, length=LIST_LENGTH
    )


def _compare(lists: dict[str, Array], relevant: csr_matrix, seed: int) -> Evaluation:
    scores = {method: ranking_metrics(items, relevant) for method, items in lists.items()}
    methods: dict[str, dict[str, Any]] = {
        method: {metric: interval(values, seed=seed) for metric, values in of.items()}
        for method, of in scores.items()
    }
    for method, items in lists.items():
        methods[method]["coverage"] = coverage(items, relevant.shape[1])
    found = methods["popular"]["found"]["mean"]
    return {
        "methods": methods,
        "difference": {
            metric: interval(scores["als"][metric] - scores["popular"][metric], seed=seed)
            for metric in METRICS
        },
        "ratio": methods["als"]["found"]["mean"] / found if found else None,
    }


def _examples(estimator: AlsRecommender, facts: Interactions) -> Array:
    """Row numbers of customers whose histories fit on a screen and whose tastes differ."""
    bought = np.diff(facts.purchases.indptr)
    rows = np.flatnonzero((bought >= 4) & (bought <= 15))
    if len(rows) < EXAMPLES:
        rows = np.flatnonzero(bought)
    return spread(estimator.customer_factors_, rows[:: max(1, len(rows) // 5000)], EXAMPLES)


def _write_lists(
    run: RecommendationRun, estimator: AlsRecommender, facts: Interactions, progress: Progress
) -> int:
    """Copy a list for every customer into the run; returns how many got one."""
    without = np.flatnonzero(~np.isin(facts.products, offerable_products()))
    purchases = facts.purchases
    written = 0

    def blocks() -> Iterator[list[Array]]:
        nonlocal written
        for start in range(0, len(facts.customers), BLOCK):
            progress(
                70 + 30 * start // len(facts.customers), 100, gettext_noop("Writing each customer's list")
            )
            rows = np.arange(start, min(start + BLOCK, len(facts.customers)))
            items, scores = estimator.recommend(purchases, rows=rows, length=LIST_LENGTH, without=without)
            lengths = (items >= 0).sum(axis=1)
            written += int((lengths > 0).sum())
            because = estimator.explain(facts.confidence, rows, items)
            reasons = np.where(because >= 0, facts.products[facts.confidence.indices[because]], 0)
            bought = (because >= 0) & facts.bought[because]
            lists = [facts.products[items], scores.astype(np.float64), reasons, bought]
            yield from _by_length(run, facts.customers[rows], lengths, lists)

    table = CustomerRecommendations._meta.db_table
    names = ["run_id", "customer_id", "product_ids", "scores", "because_ids", "because_bought"]
    write_blocks(table, names, blocks())
    return written


def _by_length(
    run: RecommendationRun, customers: Array, lengths: Array, lists: list[Array]
) -> Iterator[list[Array]]:
    """COPY needs rows of one width: the same columns once for each length of list."""
    for length in np.unique(lengths[lengths > 0]):
        of = lengths == length
        yield [np.full(of.sum(), run.pk), customers[of], *(column[of, :length] for column in lists)]


def _keep_artefact(run: RecommendationRun, estimator: AlsRecommender, products: Array) -> None:
    """Store what is needed to serve new customers (npz, no pickle). Customers' factors stay out: erasing a
    person must not leave their taste in a file."""
    file = io.BytesIO()
    np.savez(file, item_factors=estimator.item_factors_, product_ids=products)
    run.artefact_sha256 = hashlib.sha256(file.getvalue()).hexdigest()
    run.artefact = default_storage.save(
        f"recommendations/{run.artefact_sha256[:16]}.npz", ContentFile(file.getvalue())
    )


def _prune() -> None:
    """Delete all but the latest runs, and their files once that is certain; and the lists of who said no to
    personalisation."""
    CustomerRecommendations.objects.filter(customer__in=Unprofiled.objects.values("customer")).delete()
    old = RecommendationRun.objects.filter(published_for__isnull=True).order_by("-created_at")[
        KEPT_RUNS - 1 :
    ]
    for run in old:
        run.delete()
        if run.artefact:
            transaction.on_commit(partial(default_storage.delete, run.artefact))
