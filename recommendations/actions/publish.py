"""Writing every customer's list and putting it in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_noop

from backoffice.bulk_copy import write_blocks
from backoffice.jobs import Progress, silent
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods import Recommender
from recommendations.algorithms.topk import NOTHING
from recommendations.datasets.interactions import offerable_products
from recommendations.models import NO_REASON, CustomerRecommendations, RecommendationRun
from shop.models import Customer, Unprofiled

Array = np.ndarray[Any, Any]

LIST_LENGTH = 20
POPULAR_LENGTH = 100  # who owns much of it still gets a list
KEPT_RUNS = 5
BLOCK = 2_500  # customers recommended for and explained at a time, while the database writes those before
COLUMNS = ["run_id", "customer_id", "product_ids", "scores", "because_ids", "because_bought"]


@transaction.atomic
def publish(
    run: RecommendationRun,
    *,
    recommender: Recommender | None,
    facts: Interactions,
    progress: Progress = silent,
) -> None:
    """Save the run with a list for every customer of `facts`, put it in force and delete what is outdated.

    Without a recommender everybody gets the popular list of the run. One transaction: whatever stops it
    leaves the earlier run in force.
    """
    run.save()
    if recommender is not None:
        run.customers = _write_lists(run, recommender, facts, progress)
    run.fallback_customers = Customer.objects.count() - run.customers
    run.save()
    run.publish()
    _prune()


def unofferable(facts: Interactions) -> Array:
    """Column numbers of the products that may not be offered now."""
    return np.flatnonzero(~np.isin(facts.products, offerable_products()))


def _write_lists(
    run: RecommendationRun, recommender: Recommender, facts: Interactions, progress: Progress
) -> int:
    """Copy a list for every customer into the run; returns how many got one."""
    without = unofferable(facts)
    written = 0

    def blocks() -> Iterator[list[Array]]:
        nonlocal written
        for start in range(0, len(facts.customers), BLOCK):
            done = 70 + 30 * start // len(facts.customers)
            progress(done, 100, gettext_noop("Writing each customer's list"))
            rows = np.arange(start, min(start + BLOCK, len(facts.customers)))
            items, scores = recommender.recommend(facts, rows=rows, length=LIST_LENGTH, without=without)
            lengths = (items != NOTHING).sum(axis=1)
            written += int((lengths > 0).sum())
            because = recommender.explain(facts, rows, items)
            explained = because != NOTHING
            reasons = np.where(explained, facts.products[facts.confidence.indices[because]], NO_REASON)
            lists = [
                facts.products[items],
                scores.astype(np.float64),
                reasons,
                explained & facts.bought[because],
            ]
            yield from _by_length(run, facts.customers[rows], lengths, lists)

    write_blocks(CustomerRecommendations._meta.db_table, COLUMNS, blocks())
    return written


def _by_length(
    run: RecommendationRun, customers: Array, lengths: Array, lists: list[Array]
) -> Iterator[list[Array]]:
    """COPY needs rows of one width: the same columns once for each length of list."""
    for length in np.unique(lengths[lengths > 0]):
        chosen = lengths == length
        columns = (column[chosen, :length] for column in lists)
        yield [np.full(chosen.sum(), run.pk), customers[chosen], *columns]


def _prune() -> None:
    """Delete outdated runs, and the lists of customers who opted out of personalisation."""
    CustomerRecommendations.objects.filter(customer__in=Unprofiled.objects.values("customer")).delete()
    for run in RecommendationRun.objects.outdated(keep=KEPT_RUNS):
        run.delete()
