"""How a prediction did in each demographic group of its test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from predictions.actions.training_windows import Array
from predictions.algorithms import metrics
from profiles.datasets.demographics import Group

FEWEST_IN_GROUP = 30  # customers and positives-or-negatives below which a group's AUC says nothing


def by_group(
    groups: Sequence[Group], said: Array, came: Array, *, ranks: bool = True
) -> list[dict[str, Any]]:
    """For each of `groups`: customers, mean foretold (`said`), mean that came, `chance` (the standard error
    of their difference) and, where a ranking was foretold of yes or no (`ranks`), its AUC where there are
    enough of either."""
    return [_row(group, said[group.members], came[group.members], ranks) for group in groups]


def _row(group: Group, said: Array, came: Array, ranks: bool) -> dict[str, Any]:
    enough = ranks and min(came.sum(), (1 - came).sum()) >= FEWEST_IN_GROUP
    return {
        "trait": group.trait,
        "name": group.name,
        "customers": len(came),
        "mean": float(said.mean()),
        "observed": float(came.mean()),
        "chance": float(np.std(came - said) / np.sqrt(len(came))),
        "auc": metrics.auc(came, said) if enough else None,
    }
