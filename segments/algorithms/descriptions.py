"""Who the people of a group are, in words: young frequent low-value women."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from profiles.algorithms.separation import group_means

# the share of a feature's variance that lies between the groups (eta squared) from which on it gets a word
SEPARATES = 0.3
LEVELS = {
    "age": ("young", "mid-age", "older"),
    "frequency": ("rare", "mid-frequency", "frequent"),
    "monetary": ("low-value", "mid-value", "high-value"),
}
AMOUNTS = (
    "monetary",
    "average_order_value",
)  # the first that tells the groups apart gives the word for the amount
BEHAVIOUR = {
    "recency": ("recent", "silent"),
    "frequency": ("rare", "frequent"),
    "monetary": ("low-value", "high-value"),
}
WHO = ("age", "female")  # without one of these there is nobody to describe, only behaviour
MOSTLY = 0.7
# standard deviations: a group so close to everybody's mean is in the middle, wherever the other groups lie
NEAR = 0.3
# mean figures of a group: the low word only below the first, the high one only from the second on
BEARS = {"age": (35.0, 50.0), "frequency": (12.0, 2.0)}
MIDDLE = (0.5, 2.0)  # the middle is no plain mean below half of everybody's, or above twice of it


def describe_groups(
    points: NDArray[np.float64],
    plain: NDArray[np.float64],
    labels: NDArray[np.int64],
    groups: int,
    keys: list[str],
) -> list[tuple[str, ...]]:
    """A tuple of words for each group, the noun last; all empty when neither age nor gender tells the groups
    apart.

    `points`: n x p, comparable within a column; the column `female`, where there is one, from 0 to 1;
    `plain`: the same in their own units. A word says in which third of the range of the groups' means a group
    lies; low words are for groups below everybody's mean and high ones for those above it, and only where the
    figure itself bears the word (BEARS): who is 58 is not young among people of 70.
    """
    means, between = group_means(points, labels, groups)
    away = (means - points.mean(axis=0)) / np.maximum(points.std(axis=0), 1e-9)
    speaks = {key: i for i, key in enumerate(keys) if between[i] >= SEPARATES}
    if not any(key in speaks for key in WHO):
        return [()] * groups
    told_by = {key: key for key in LEVELS} | {"monetary": next((key for key in AMOUNTS if key in speaks), "")}
    figures = group_means(plain, labels, groups)[0]
    ratio = figures / np.maximum(plain.mean(axis=0), 1e-9)
    levels = {
        word: _borne(key, figures[:, speaks[key]], _levels(away[:, speaks[key]], ratio[:, speaks[key]]))
        for word, key in told_by.items()
        if key in speaks
    }
    nouns = _nouns(means[:, speaks["female"]]) if "female" in speaks else ["buyers"] * groups
    return [
        (*(LEVELS[key][levels[key][group]] for key in LEVELS if key in levels), nouns[group])
        for group in range(groups)
    ]


def describe_behaviour(
    away: NDArray[np.float64], apart: NDArray[np.float64], keys: list[str]
) -> tuple[str, ...]:
    """How one group buys, the noun last: every word of BEHAVIOUR on whose side it clearly lies. `away`:
    standard deviations from everybody's mean, `apart`: differences of the plain means; both in the order of
    `keys`. See `archetypes.match_archetypes`."""
    words = [(keys.index(key), pair) for key, pair in BEHAVIOUR.items() if key in keys]
    clear = [
        (away[column], pair)
        for column, pair in words
        if abs(away[column]) > NEAR and away[column] * apart[column] > 0
    ]
    return (*(pair[int(value > 0)] for value, pair in clear), "buyers")


def _borne(key: str, figures: NDArray[np.float64], levels: NDArray[np.int64]) -> list[int]:
    """`levels`, those in the middle whose figure does not bear the word."""
    low, high = BEARS.get(key, (np.inf, -np.inf))
    spoken = ((levels == 0) & (figures < low)) | ((levels == 2) & (figures >= high))
    return np.where(spoken, levels, 1).tolist()


def _levels(away: NDArray[np.float64], ratio: NDArray[np.float64]) -> NDArray[np.int64]:
    """0 low, 1 in the middle, 2 high; `away`: the groups' means in standard deviations from everybody's,
    `ratio`: the plain ones as multiples of it."""
    place = (away - away.min()) / max(away.max() - away.min(), 1e-9)
    level = np.minimum((place * 3).astype(np.int64), 2)
    level = np.where(level == 0, np.where(away < -NEAR, 0, 1), np.where(away > NEAR, level, 1))
    low, high = MIDDLE
    return np.where((level == 1) & (ratio < low), 0, np.where((level == 1) & (ratio > high), 2, level))


def _nouns(female: NDArray[np.float64]) -> list[str]:
    return ["women" if share >= MOSTLY else "men" if share <= 1 - MOSTLY else "buyers" for share in female]
