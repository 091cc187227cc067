"""The nightly refresh: read, choose, fit, publish."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from recommendations.actions.evaluation import NO_TEST, evaluate
from recommendations.actions.fit import baseline_configuration, configurations, enough
from recommendations.actions.publish import LIST_LENGTH, POPULAR_LENGTH, publish, unofferable
from recommendations.algorithms.examples import most_different
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods import BASELINE, Recommender
from recommendations.datasets.interactions import interactions
from recommendations.models import Evaluation, RecommendationRun
from shop.calendar import facts_until

Array = np.ndarray[Any, Any]

EXAMPLES, EXAMPLE_POOL = 60, 1_000
EXAMPLE_PURCHASES = 4, 15  # fewest and most products of a history that fits on a screen

TOO_FEW = gettext_noop(
    "There is too little to learn tastes from: personal lists need at least 50 customers and 20 products."
)


def refresh_recommendations(
    *, as_of: datetime | None = None, seed: int = 0, compare: bool = True, progress: Progress = silent
) -> dict[str, Any]:
    """Learn from the facts before `as_of` (by default where the orders end, see `facts_until`), write every
    customer's list as a new run and put it in force.

    With `compare` the method and its parameters are first chosen and measured against the popular list on the
    latest purchases; without, the best guess for this size is used. Too little data make a run of the popular
    list only. Returns counts for the job's result. Raises Refused in an empty shop.
    """
    as_of = as_of or facts_until()
    progress(0, 100, gettext_noop("Reading what customers bought and viewed"))
    facts = interactions(as_of=as_of)
    if not len(facts.customers):
        raise Refused(
            _("There are no orders and no visits yet: import a file of orders, then refresh again.")
        )
    run = RecommendationRun(
        as_of=as_of, seed=seed, products=len(facts.products), popular_ids=_popular(facts).tolist()
    )
    recommender: Recommender | None = None
    configuration = baseline_configuration()
    if enough(facts):
        configuration, run.evaluation = configurations(facts)[0], Evaluation(missing=NO_TEST)
        if compare:
            chosen, run.evaluation = evaluate(as_of=as_of, seed=seed, length=LIST_LENGTH, progress=progress)
            configuration = chosen or configuration
        progress(60, 100, gettext_noop("Learning tastes"))
        recommender = configuration.fit(facts, seed=seed)
        run.example_ids = facts.customers[_examples(recommender, facts)].tolist()
    else:
        run.evaluation = Evaluation(missing=TOO_FEW)
    run.method, run.parameters = configuration.method.name, configuration.as_json()
    publish(run, recommender=recommender, facts=facts, progress=progress)
    progress(100, 100)
    return {
        "run": run.pk,
        "customers": run.customers,
        "fallback_customers": run.fallback_customers,
        "products": run.products,
    }


def _popular(facts: Interactions) -> Array:
    """Primary keys of the popular products that may be offered, best first."""
    ranking = BASELINE(BASELINE.Parameters()).fit(facts).ranking_
    offerable = ranking[~np.isin(ranking, unofferable(facts))]
    return facts.products[offerable[:POPULAR_LENGTH]]


def _examples(recommender: Recommender, facts: Interactions) -> Array:
    """Row numbers of customers whose histories fit on a screen and whose lists differ."""
    bought = np.diff(facts.purchases.indptr)
    fewest, most = EXAMPLE_PURCHASES
    rows = np.flatnonzero((bought >= fewest) & (bought <= most))
    if len(rows) < EXAMPLES:
        rows = np.flatnonzero(bought)
    rows = rows[:: max(1, len(rows) // EXAMPLE_POOL)]
    lists, _scores = recommender.recommend(facts, rows=rows, length=LIST_LENGTH, without=unofferable(facts))
    return rows[most_different(lists, EXAMPLES)]
