"""Which features are worth comparing customers by: a stated criterion, and a verdict on each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from profiles.algorithms.separation import group_means
from profiles.reviews import Verdict

COVERAGE = 0.5  # a feature known of fewer people tells more about who filled in the form
SAME = 0.99  # when so many have the same value, it tells nobody apart
REDUNDANT = 0.9  # absolute rank correlation (Spearman) from which on two features hold the same


def select(
    values: NDArray[np.float64],
    keys: list[str],
    *,
    coverage: Mapping[str, float] | None = None,
    labels: NDArray[np.int64] | None = None,
) -> list[Verdict]:
    """A verdict for each of `keys` (the columns of `values`, n x p, finite), in their order.

    Of two features that hold the same, the one known of more people stays, at equal coverage the earlier one.
    `coverage`: share of customers of whom a feature is known (1 where it has none); `labels`: groups to
    judge contributions by.
    """
    known = {key: (coverage or {}).get(key, 1.0) for key in keys}
    same = {key: _most_common_share(column) for key, column in zip(keys, values.T, strict=True)}
    candidates = [i for i, key in enumerate(keys) if known[key] >= COVERAGE and same[key] < SAME]
    rivals = _redundant(values, sorted(candidates, key=lambda i: (-known[keys[i]], i)))
    between = (
        group_means(values, labels, int(labels.max()) + 1)[1] if labels is not None and len(labels) else None
    )
    verdicts = []
    for i, key in enumerate(keys):
        flaw = "unknown" if known[key] < COVERAGE else "constant" if same[key] >= SAME else ""
        rival, correlation = rivals.get(i, (-1, 0.0))
        verdicts.append(
            Verdict(
                key,
                flaw or ("redundant" if i in rivals else "kept"),
                known[key],
                same[key],
                keys[rival] if rival >= 0 else "",
                correlation,
                None if between is None else float(between[i]),
            )
        )
    return verdicts


def _most_common_share(column: NDArray[np.float64]) -> float:
    if not len(column):
        return 1.0
    return float(np.unique(column, return_counts=True)[1].max() / len(column))


def _redundant(values: NDArray[np.float64], ranked: list[int]) -> dict[int, tuple[int, float]]:
    """Column -> (the better column that holds the same, their rank correlation); `ranked`: the best first."""
    ranks = {i: _ranks(values[:, i]) for i in ranked}
    kept: list[int] = []
    found: dict[int, tuple[int, float]] = {}
    for i in ranked:
        correlations = [(abs(float(np.corrcoef(ranks[i], ranks[other])[0, 1])), other) for other in kept]
        strongest, rival = max(correlations, default=(0.0, -1))
        if strongest > REDUNDANT:
            found[i] = (rival, strongest)
        else:
            kept.append(i)
    return found


def _ranks(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 1; values that are the same share the mean of their ranks."""
    _values, place, count = np.unique(column, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place])
