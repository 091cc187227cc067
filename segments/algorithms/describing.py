"""Who the people of a group are, in words: young frequent low-value women."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SEPARATES = 0.3  # the share of a feature's variance that lies between the groups (eta squared) from which on it gets a word
LEVELS = {
    "age": ("young", "mid-age", "older"),
    "frequency": ("rare", "mid-frequency", "frequent"),
    "monetary": ("low-value", "mid-value", "high-value"),
}
WHO = ("age", "female")  # without one of these there is nobody to describe, only behaviour
MOSTLY = 0.7


def describe_groups(points: NDArray[np.float64], labels: NDArray[np.int64], groups: int, keys: list[str]) -> list[tuple[str, ...]]:
    """A tuple of words for each group, the noun last; all empty when neither age nor gender tells the groups apart.

    `points`: n x p, comparable within a column; the column `female`, where there is one, from 0 to 1. A word says in which third of
    the range of the groups' means a group lies.
    """
    means, between = group_means(points, labels, groups)
    speaks = {key: means[:, i] for i, key in enumerate(keys) if between[i] >= SEPARATES}
    if not any(key in speaks for key in WHO):
        return [()] * groups
    return [tuple(_words(speaks, group)) for group in range(groups)]


def _words(speaks: dict[str, NDArray[np.float64]], group: int) -> list[str]:
    words = [levels[_third(speaks[key], group)] for key, levels in LEVELS.items() if key in speaks]
    return [*words, _noun(speaks.get("female"), group)]


def _third(means: NDArray[np.float64], group: int) -> int:
    place = (means[group] - means.min()) / max(means.max() - means.min(), 1e-9)
    return min(int(place * 3), 2)


def _noun(female: NDArray[np.float64] | None, group: int) -> str:
    if female is None or 1 - MOSTLY < female[group] < MOSTLY:
        return "buyers"
    return "women" if female[group] >= MOSTLY else "men"


def group_means(
    points: NDArray[np.float64], labels: NDArray[np.int64], groups: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(groups x p means, eta squared of each of the p columns)."""
    size = np.bincount(labels, minlength=groups)
    sums = np.column_stack([np.bincount(labels, weights=column, minlength=groups) for column in points.T])
    means: NDArray[np.float64] = sums / np.maximum(size, 1)[:, None]
    apart: NDArray[np.float64] = (size[:, None] * (means - points.mean(axis=0)) ** 2).sum(axis=0)
    total = ((points - points.mean(axis=0)) ** 2).sum(axis=0)
    return means, np.divide(apart, total, out=np.zeros_like(apart), where=total > 1e-9)
