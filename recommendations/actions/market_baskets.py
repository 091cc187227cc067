"""Searching the orders for market baskets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from recommendations.algorithms.market_baskets import MinedRule, association_rules, sequence_rules
from recommendations.datasets.market_baskets import category_baskets, product_baskets, views_and_purchases
from recommendations.models import AssociationRule, MarketBasketRun
from shop.calendar import facts_until

MINIMUM_BASKETS = 50
MINIMUM_COUNT = 10  # baskets that must hold a rule: fewer are an accident
MINIMUM_SUPPORT = 0.001  # in a large shop, this share of all baskets
KEPT_RULES = 200  # of each kind

Kind = AssociationRule.Kind


def find_market_baskets(*, as_of: datetime | None = None, progress: Progress = silent) -> MarketBasketRun:
    """Search the orders of the year before `as_of`, and what was bought within 30 days of viewing, for
    association rules; the result replaces the one before.

    Raises Refused below MINIMUM_BASKETS orders.
    """
    as_of = as_of or facts_until()
    progress(0, 4, gettext_noop("Counting what is bought together"))
    categories, products = category_baskets(as_of=as_of), product_baskets(as_of=as_of)
    baskets = len(np.unique(products.basket))
    if baskets < MINIMUM_BASKETS:
        raise Refused(
            _(
                "Market baskets need at least %(needed)d orders; there are %(found)d. Import more orders "
                "first."
            )
            % {"needed": MINIMUM_BASKETS, "found": baskets}
        )
    minimum_count = max(MINIMUM_COUNT, round(MINIMUM_SUPPORT * baskets))
    mined = {
        Kind.CATEGORIES: _rows(
            association_rules(categories.basket, categories.item, minimum_count=minimum_count),
            categories.names,
        )
    }
    progress(1, 4)
    mined[Kind.PRODUCTS] = _rows(
        association_rules(products.basket, products.item, minimum_count=minimum_count), products.names
    )
    progress(2, 4, gettext_noop("Counting what is bought after viewing"))
    seen = views_and_purchases(as_of=as_of)
    mined[Kind.VIEWED] = _rows(
        sequence_rules(seen.customer, seen.viewed, seen.bought, minimum_count=minimum_count), seen.names
    )
    progress(3, 4, gettext_noop("Saving and publishing"))
    viewers = len(np.unique(seen.customer))
    run = _replace(mined, as_of=as_of, baskets=baskets, viewers=viewers, minimum_count=minimum_count)
    progress(4, 4)
    return run


def _rows(rules: list[MinedRule], names: list[str]) -> list[dict[str, Any]]:
    """The fields of an AssociationRule for each of the strongest rules."""
    return [
        {
            "antecedents": [names[item] for item in rule.antecedents],
            "consequent": names[rule.consequent],
            "count": rule.count,
            "support": rule.support,
            "confidence": rule.confidence,
            "lift": rule.lift,
        }
        for rule in rules[:KEPT_RULES]
    ]


@transaction.atomic
def _replace(mined: dict[Kind, list[dict[str, Any]]], **facts: Any) -> MarketBasketRun:
    run = MarketBasketRun.objects.create(**facts)
    AssociationRule.objects.bulk_create(
        [
            AssociationRule(run=run, kind=kind, rank=rank, **fields)
            for kind, rules in mined.items()
            for rank, fields in enumerate(rules, start=1)
        ]
    )
    run.publish()
    MarketBasketRun.objects.outdated(keep=1).delete()
    return run
