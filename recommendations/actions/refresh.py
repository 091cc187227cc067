"""The nightly refresh: read, choose, fit, publish."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from scipy.sparse import csr_matrix

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from recommendations.actions.evaluation import Choice, evaluate
from recommendations.actions.fit import baseline_configurations, configurations, enough
from recommendations.actions.lists import ListMaker, list_maker
from recommendations.actions.publish import LIST_LENGTH, POPULAR_LENGTH, publish, unofferable
from recommendations.algorithms.examples import most_different
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods import Recommender
from recommendations.algorithms.topk import NOTHING
from recommendations.datasets.interactions import interactions
from recommendations.models import Evaluation, RecommendationRun
from shop.calendar import facts_until

Array = np.ndarray[Any, Any]

EXAMPLES, EXAMPLE_POOL = 60, 1_000
NOBODY = np.empty(0, bool)  # bought anything
EXAMPLE_PURCHASES = 4, 15  # fewest and most products of a history that fits on a screen

TOO_FEW = gettext_noop(
    "There is too little to learn tastes from: personal lists need at least 30 customers who bought or "
    "viewed something, 10 products, and 100 pairs of a customer and a product."
)


def refresh_recommendations(
    *, as_of: datetime | None = None, seed: int = 0, compare: bool = True, progress: Progress = silent
) -> dict[str, Any]:
    """Learn from the facts before `as_of` (by default where the orders end, see `facts_until`), write every
    customer's list as a new run and put it in force.

    With `compare` the method and its parameters are first chosen and measured against the popular list on the
    latest purchases, and make the lists only where they beat it; without, the best guess for this size is
    used unmeasured. Too little data make a run of the popular list only. Returns counts for the job's
    result. Raises Refused in an empty shop.
    """
    as_of = as_of or facts_until()
    progress(0, 100, gettext_noop("Reading what customers bought and viewed"))
    facts = interactions(as_of=as_of)
    if not len(facts.customers):
        raise Refused(
            _("There are no orders and no visits yet: import a file of orders, then refresh again.")
        )
    choice, evaluation = _choice(facts, as_of=as_of, seed=seed, compare=compare, progress=progress)
    progress(60, 100, gettext_noop("Learning tastes"))
    popular = choice.popular.fit(facts, seed=seed)
    run = RecommendationRun(
        as_of=as_of,
        seed=seed,
        products=len(facts.products),
        popular_ids=_popular(popular, facts).tolist(),
        evaluation=evaluation,
        method=choice.champion.method.name,
        parameters=choice.champion.as_json(),
    )
    maker: ListMaker | None = None
    if choice.champion.method.personal:
        champion = choice.champion.fit(facts, seed=seed)
        maker = list_maker(champion, popular, facts, length=LIST_LENGTH, without=unofferable(facts))
        run.example_ids = facts.customers[_examples(maker, facts)].tolist()
    publish(run, maker=maker, facts=facts, progress=progress)
    progress(100, 100)
    return {
        "run": run.pk,
        "customers": run.customers,
        "fallback_customers": run.fallback_customers,
        "products": run.products,
    }


def _choice(
    facts: Interactions, *, as_of: datetime, seed: int, compare: bool, progress: Progress
) -> tuple[Choice, Evaluation]:
    """What makes the lists, and the evaluation to store."""
    popular = baseline_configurations()[0]
    if not enough(facts):
        return Choice(popular, popular), Evaluation(missing=TOO_FEW)
    if not compare:
        return Choice(configurations(facts)[0], popular), Evaluation()
    return evaluate(as_of=as_of, seed=seed, length=LIST_LENGTH, progress=progress)


def _popular(popular: Recommender, facts: Interactions) -> Array:
    """Primary keys of the popular products that may be offered, best first."""
    everybody = replace(
        facts, confidence=csr_matrix((1, len(facts.products)), dtype=np.float32), bought=NOBODY
    )
    items, _scores = popular.recommend(
        everybody, rows=np.array([0]), length=POPULAR_LENGTH, without=unofferable(facts)
    )
    return facts.products[items[0][items[0] != NOTHING]]


def _examples(maker: ListMaker, facts: Interactions) -> Array:
    """Row numbers of customers whose histories fit on a screen and whose lists are their own and differ."""
    bought = np.diff(facts.purchases.indptr)
    fewest, most = EXAMPLE_PURCHASES
    rows = np.flatnonzero((bought >= fewest) & (bought <= most))
    if len(rows) < EXAMPLES:
        rows = np.flatnonzero(bought)
    rows = rows[:: max(1, len(rows) // EXAMPLE_POOL)]
    made = maker.lists(rows)
    rows = rows[made.personal]
    return rows[most_different(made.items[made.personal], EXAMPLES)]
