"""Writing every customer's list and putting it in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_noop

from backoffice.bulk_copy import write_blocks
from backoffice.jobs import Progress, silent
from recommendations.actions.lists import ListMaker
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods import METHODS
from recommendations.algorithms.topk import NOTHING
from recommendations.datasets.interactions import offerable_products
from recommendations.models import NO_REASON, CustomerRecommendations, LeftOut, RecommendationRun
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
    maker: ListMaker | None,
    facts: Interactions,
    progress: Progress = silent,
) -> None:
    """Save the run with a list for every customer of `facts` who has one of their own, put it in force and
    delete what is outdated.

    Without a maker everybody gets the popular list of the run. One transaction: whatever stops it leaves the
    earlier run in force.
    """
    run.save()
    if maker is not None:
        _write_lists(run, maker, facts, progress)
    _forget_refused()
    run.customers = CustomerRecommendations.objects.filter(run=run).count()
    run.fallback_customers = Customer.objects.count() - run.customers
    run.left_out = _left_out(run, facts)
    run.save()
    run.publish()
    for outdated in RecommendationRun.objects.outdated(keep=KEPT_RUNS):
        outdated.delete()


def _left_out(run: RecommendationRun, facts: Interactions) -> LeftOut:
    """Why the customers without a list have none; the counts sum to them."""
    refused = Unprofiled.objects.filter(customer__in=Customer.objects.values("pk")).count()
    with_history = min(len(facts.customers) - run.customers, run.fallback_customers - refused)
    no_history = run.fallback_customers - refused - with_history
    if METHODS[run.method].personal:
        return LeftOut(refused, no_history, ordinary=with_history)
    return LeftOut(refused, no_history, not_better=with_history)


def unofferable(facts: Interactions) -> Array:
    """Column numbers of the products that may not be offered now."""
    return np.flatnonzero(~np.isin(facts.products, offerable_products()))


def _write_lists(run: RecommendationRun, maker: ListMaker, facts: Interactions, progress: Progress) -> None:
    """Copy the lists into the run."""

    def blocks() -> Iterator[list[Array]]:
        for start in range(0, len(facts.customers), BLOCK):
            done = 70 + 30 * start // len(facts.customers)
            progress(done, 100, gettext_noop("Writing each customer's list"))
            rows = np.arange(start, min(start + BLOCK, len(facts.customers)))
            made = maker.lists(rows)
            because = made.because
            lengths = np.where(made.personal, (made.items != NOTHING).sum(axis=1), 0)
            explained = because != NOTHING
            reasons = np.where(explained, facts.products[facts.confidence.indices[because]], NO_REASON)
            lists = [
                facts.products[made.items],
                made.scores.astype(np.float64),
                reasons,
                explained & facts.bought[because],
            ]
            yield from _by_length(run, facts.customers[rows], lengths, lists)

    write_blocks(CustomerRecommendations._meta.db_table, COLUMNS, blocks())


def _by_length(
    run: RecommendationRun, customers: Array, lengths: Array, lists: list[Array]
) -> Iterator[list[Array]]:
    """COPY needs rows of one width: the same columns once for each length of list."""
    for length in np.unique(lengths[lengths > 0]):
        chosen = lengths == length
        columns = (column[chosen, :length] for column in lists)
        yield [np.full(chosen.sum(), run.pk), customers[chosen], *columns]


def _forget_refused() -> None:
    """Delete the lists of customers who opted out of personalisation, in every run."""
    CustomerRecommendations.objects.filter(customer__in=Unprofiled.objects.values("customer")).delete()
