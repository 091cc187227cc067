"""How a prediction did in each demographic group of its test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from predictions.actions.results import Array
from predictions.algorithms import metrics
from predictions.cards import GroupMetrics
from profiles.datasets.demographics import DemographicGroup

FEWEST_IN_GROUP = 30  # customers and positives-or-negatives below which a group's AUC says nothing


def group_metrics(
    groups: Sequence[DemographicGroup], predicted: Array, observed: Array, *, ranks: bool = True
) -> tuple[GroupMetrics, ...]:
    """A row for each of `groups`; `predicted` and `observed` are of all customers of the test. With `ranks`
    the prediction ranked customers by the probability of an outcome of yes or no: its AUC then tells
    something."""
    return tuple(
        _metrics(group, predicted[group.members], observed[group.members], ranks) for group in groups
    )


def _metrics(group: DemographicGroup, predicted: Array, observed: Array, ranks: bool) -> GroupMetrics:
    enough = ranks and min(observed.sum(), (1 - observed).sum()) >= FEWEST_IN_GROUP
    return GroupMetrics(
        trait=group.trait,
        name=group.name,
        customers=len(observed),
        predicted=float(predicted.mean()),
        observed=float(observed.mean()),
        standard_error=float(np.std(observed - predicted) / np.sqrt(len(observed))),
        auc=metrics.auc(observed, predicted) if enough else None,
    )
