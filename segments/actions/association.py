"""Finding what goes together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from segments.algorithms.association import Rule, association_rules, followed_by
from segments.datasets.baskets import category_baskets, looks, product_baskets
from segments.datasets.clock import facts_until
from segments.models import AssociationRule, AssociationRun

FEWEST_BASKETS = 50
AT_LEAST = 10  # baskets that must hold a rule: fewer are an accident
SHARE = 0.001  # in a large shop, this share of all baskets
KEPT = 200  # rules of each kind

Kind = AssociationRule.Kind


def find_associations(*, as_of: datetime | None = None, progress: Progress = silent) -> AssociationRun:
    """Search the orders of a year, and what was bought within 30 days of looking, for rules; the result
    replaces the one before.

    Raises Refused below FEWEST_BASKETS orders.
    """
    as_of = as_of or facts_until()
    progress(0, 4, gettext_noop("Counting what is bought together"))
    categories, products = category_baskets(as_of=as_of), product_baskets(as_of=as_of)
    baskets = len(np.unique(products.basket))
    if baskets < FEWEST_BASKETS:
        raise Refused(
            _(
                "Finding what goes together needs at least %(needed)d orders; there are %(found)d. Import "
                "more orders first."
            )
            % {"needed": FEWEST_BASKETS, "found": baskets}
        )
    at_least = max(AT_LEAST, round(SHARE * baskets))
    found = {
        Kind.CATEGORIES: _named(
            association_rules(categories.basket, categories.item, at_least=at_least), categories.names
        )
    }
    progress(1, 4)
    found[Kind.PRODUCTS] = _named(
        association_rules(products.basket, products.item, at_least=at_least), products.names
    )
    progress(2, 4, gettext_noop("Counting what is bought after looking"))
    seen = looks(as_of=as_of)
    found[Kind.VIEWED] = _named(
        followed_by(seen.person, seen.viewed, seen.bought, at_least=at_least), seen.names
    )
    progress(3, 4, gettext_noop("Saving and publishing"))
    run = _replace(found, as_of=as_of, baskets=baskets, people=len(np.unique(seen.person)), at_least=at_least)
    progress(4, 4)
    return run


def _named(rules: list[Rule], names: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "given": [names[i] for i in rule.given],
            "then": names[rule.then],
            "count": rule.count,
            "support": rule.support,
            "confidence": rule.confidence,
            "lift": rule.lift,
        }
        for rule in rules[:KEPT]
    ]


@transaction.atomic
def _replace(found: dict[Kind, list[dict[str, Any]]], **facts: Any) -> AssociationRun:
    run = AssociationRun.objects.create(**facts)
    AssociationRule.objects.bulk_create(
        [
            AssociationRule(run=run, kind=kind, rank=rank, **rule)
            for kind, rules in found.items()
            for rank, rule in enumerate(rules, start=1)
        ]
    )
    AssociationRun.objects.exclude(pk=run.pk).delete()
    return run
