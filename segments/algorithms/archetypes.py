"""What a group is: its profile against everybody, and the marketer's word for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Where a marketer's words lie, in standard deviations from the average customer. What a word does not mention
# does not matter.
ARCHETYPES: dict[str, dict[str, float]] = {
    "champions": {"recency": -1.0, "frequency": 1.5, "monetary": 1.5, "tenure": 0.5},
    "loyal": {"recency": -0.6, "frequency": 0.8, "monetary": 0.6, "tenure": 0.6},
    "big-baskets": {"frequency": -0.1, "monetary": 0.7, "average_order_value": 1.3},
    "bargain-hunters": {"discount_share": 1.6, "average_order_value": -0.6, "frequency": 0.3},
    "new": {"recency": -0.9, "frequency": -0.8, "tenure": -1.4},
    "promising": {"recency": -0.7, "frequency": -0.2, "tenure": -0.5},
    "steady": {"recency": -0.2, "frequency": 0.0, "monetary": 0.0, "average_order_value": 0.0, "tenure": 0.0},
    "small-baskets": {"recency": -0.2, "average_order_value": -1.2, "monetary": -0.8, "frequency": 0.0},
    "at-risk": {"recency": 0.7, "frequency": 0.5, "monetary": 0.4, "tenure": 0.7},
    "lost-high-value": {"recency": 1.2, "monetary": 0.8, "average_order_value": 0.8, "tenure": 0.8},
    "lost": {"recency": 1.3, "frequency": -0.6, "monetary": -0.8, "average_order_value": -0.4},
    "one-time": {"recency": 0.5, "frequency": -1.0, "monetary": -0.8, "tenure": -0.2},
    "browsers": {"dwell": 1.2, "visits": 0.9, "page_views": 0.9, "frequency": -0.8, "monetary": -0.8},
}
AVERAGE = (
    0.5  # standard deviations: a word all of whose traits are nearer says that a group is like everybody
)
STATED = 0.5  # standard deviations from which on a word states a trait: it must be true
CLEAR = 0.3  # standard deviations that a group must be out in what its word says,
PLAIN = 0.1  # and the part by which its plain mean must differ from everybody's
LIKE_ALL = 0.5  # a plain mean that differs by a larger part is not like everybody's
UNSTATED = (
    0.2  # the strongest trait that a word leaves out counts less than what it gets wrong, and still counts
)
UNTRUE = 100.0  # squared standard deviations: worse than any real fit
MENTIONED = {key for traits in ARCHETYPES.values() for key in traits}


@dataclass(frozen=True)
class GroupProfile:
    """One group against everybody. All arrays have one entry a feature: means in the feature's own unit;
    `difference` is the standardised mean difference on the scaled features (0 = like everybody, +-0.8 is a
    large difference; Cohen 1988)."""

    size: int
    mean: NDArray[np.float64]
    overall: NDArray[np.float64]
    difference: NDArray[np.float64]


def profiles(
    values: NDArray[np.float64], scaled: NDArray[np.float64], labels: NDArray[np.int64], groups: int
) -> list[GroupProfile]:
    """`values`: n x p in their own units; `scaled`: n x p with unit variance (zeros where a feature is
    constant)."""
    size = np.bincount(labels, minlength=groups)
    divisor = np.maximum(size, 1)[:, None]
    mean, centre = (_sums(table, labels, groups) / divisor for table in (values, scaled))
    overall, middle = values.mean(axis=0), scaled.mean(axis=0)
    return [GroupProfile(int(size[i]), mean[i], overall, centre[i] - middle) for i in range(groups)]


def _sums(table: NDArray[np.float64], labels: NDArray[np.int64], groups: int) -> NDArray[np.float64]:
    """n x p -> groups x p; p is 0 for the category shares of a shop without categories."""
    sums = np.zeros((groups, table.shape[1]))
    for i, column in enumerate(table.T):
        sums[:, i] = np.bincount(labels, weights=column, minlength=groups)
    return sums


def match_archetypes(
    away: NDArray[np.float64],
    apart: NDArray[np.float64],
    keys: list[str],
    among: Sequence[str] = tuple(ARCHETYPES),
) -> list[str]:
    """The words that fit k groups best together (Hungarian method), k different ones of `among`; "" where
    none is true.

    `away`: k x p standardised differences from everybody; `apart`: k x p differences of the plain means, as
    parts of everybody's. They may differ in sign where a feature is skewed: what a word says must be true of
    both.
    """
    fitting = [
        name for name in among if essential(name) in keys
    ]  # nobody is a bargain hunter in a shop without discounts
    if not fitting:
        return [""] * len(away)
    true = np.array(
        [[fits(row, plain, name, keys) for name in fitting] for row, plain in zip(away, apart, strict=True)]
    )
    cost = np.array([[_distance(row, ARCHETYPES[name], keys) for name in fitting] for row in away])
    rows, columns = _assignment(np.where(true, cost, UNTRUE))
    words = [""] * len(away)
    for row, column in zip(rows, columns, strict=True):
        words[row] = fitting[column] if true[row, column] else ""
    return words


def essential(name: str) -> str:
    """The feature that a word is about above all."""
    return max(ARCHETYPES[name], key=lambda key: abs(ARCHETYPES[name][key]))


def means_average(name: str) -> bool:
    """Whether it is a word for being close to the average."""
    return max(map(abs, ARCHETYPES[name].values())) < STATED


def apart(mean: NDArray[np.float64], overall: NDArray[np.float64]) -> NDArray[np.float64]:
    """By what part of everybody's means those of a group differ; p each."""
    return np.asarray((mean - overall) / np.maximum(np.abs(overall), 1e-9))


def fits(away: NDArray[np.float64], apart: NDArray[np.float64], name: str, keys: list[str]) -> bool:
    """Whether all that a word states is true of a group; of a word for the average, whether it is close.
    `away`, `apart`: as for `match_archetypes`."""
    if means_average(name):
        return bool((np.abs(away) < AVERAGE).all() and (np.abs(apart) < LIKE_ALL).all())
    stated = {key: wanted for key, wanted in ARCHETYPES[name].items() if abs(wanted) >= STATED}
    columns = [(keys.index(key), wanted) for key, wanted in stated.items() if key in keys]
    return all(
        away[column] * np.sign(wanted) >= CLEAR and apart[column] * np.sign(wanted) >= PLAIN
        for column, wanted in columns
    )


def _distance(row: NDArray[np.float64], archetype: dict[str, float], keys: list[str]) -> float:
    wrong = np.mean(
        [(row[keys.index(key)] - wanted) ** 2 for key, wanted in archetype.items() if key in keys]
    )
    left_out = [
        row[column] ** 2 for column, key in enumerate(keys) if key not in archetype and key in MENTIONED
    ]
    return float(wrong + UNSTATED * max(left_out, default=0.0))


def strongest(
    difference: NDArray[np.float64], families: list[str], *, at_least: float = 0.25, most: int = 3
) -> list[int]:
    """The columns that set a group apart, strongest first: at most `most`, each at least `at_least` standard
    deviations away, one of each of `families` (visits, page views and minutes say the same thing thrice)."""
    chosen: dict[str, int] = {}
    for column in np.argsort(-np.abs(difference), kind="stable"):
        if abs(difference[column]) >= at_least:
            chosen.setdefault(families[column], int(column))
    return list(chosen.values())[:most]


def match_groups(old: NDArray[np.int64], new: NDArray[np.int64], *, at_least: float = 0.5) -> dict[int, int]:
    """Which new group is which old one: labels of the same customers before and after -> {new: old} for pairs
    whose overlap (Jaccard index) is at least `at_least`, matched so that the total overlap is largest."""
    table = np.zeros((new.max() + 1, old.max() + 1))
    np.add.at(table, (new, old), 1)
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    jaccard = np.divide(table, union, out=np.zeros_like(table), where=union > 0)
    rows, columns = _assignment(-jaccard)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if jaccard[row, column] >= at_least
    }


def _assignment(cost: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the cheapest one-to-one matching (the Hungarian method)."""
    from scipy.optimize import linear_sum_assignment  # late: half a second to load, and only runs need it

    rows, columns = linear_sum_assignment(cost)
    return rows, columns
