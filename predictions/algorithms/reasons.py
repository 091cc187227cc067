"""Why a customer's value is what it is, as one row of numbers: the only encoder and the only decoder.

A row holds three numbers for each contribution, strongest first: the place of its feature, its amount in the
unit of the value, and the customer's own figure (NaN where nothing is known). Rows are written by the million
with COPY, which is why they are no JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
WIDTH = 3
_TYPICAL, _ADJUSTMENT = -1.0, -2.0  # in the place of a feature: the amount is not that of one feature


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to the value. `feature`: its place in the card's `features` (or in its `table`);
    `figure`: the customer's own, None where nothing is known."""

    feature: int
    amount: float
    figure: float | None


@dataclass(frozen=True)
class Reasons:
    """`contributions`, strongest first, are measured from `typical`, the value of the typical customer (None
    where they are not). `adjustment`: what agreeing with the other predictions changed."""

    contributions: tuple[Contribution, ...] = ()
    typical: float | None = None
    adjustment: float = 0.0


def encode(features: Array, amounts: Array, figures: Array, *, typical: Array | None = None) -> Array:
    """n x k features, amounts and figures -> n x 3k numbers; with `typical` (n) n x (3k + 3)."""
    rows = np.stack([features, amounts, figures], axis=2).reshape(len(features), -1)
    return rows if typical is None else np.column_stack([rows, _special(_TYPICAL, typical)])


def adjusted(rows: Array, adjustment: Array) -> Array:
    """Encoded rows (n) with what agreeing with other predictions changed (n); rows that are not measured from
    a typical customer stay as they are."""
    if not rows.shape[1] or not (rows[:, -WIDTH] == _TYPICAL).all() or not adjustment.any():
        return rows
    return np.column_stack([rows[:, :-WIDTH], _special(_ADJUSTMENT, adjustment), rows[:, -WIDTH:]])


def opposite(rows: Array) -> Array:
    """Encoded reasons of a probability -> those of the opposite outcome."""
    rows = rows.copy()
    rows[:, 1::WIDTH] *= -1
    rows[:, 1::WIDTH] += rows[:, ::WIDTH] == _TYPICAL  # the typical customer's probability of the opposite
    return rows


def decode(numbers: Sequence[float]) -> Reasons:
    """One encoded row. Raises ValueError for numbers that are no whole contributions."""
    if len(numbers) % WIDTH:
        raise ValueError(f"{len(numbers)} numbers are no contributions of {WIDTH} each")
    contributions, typical, adjustment = [], None, 0.0
    for start in range(0, len(numbers), WIDTH):
        feature, amount, figure = numbers[start : start + WIDTH]
        if feature == _TYPICAL:
            typical = amount
        elif feature == _ADJUSTMENT:
            adjustment = amount
        else:
            contributions.append(Contribution(int(feature), amount, None if np.isnan(figure) else figure))
    return Reasons(tuple(contributions), typical, adjustment)


def _special(mark: float, amount: Array) -> Array:
    return np.column_stack([np.full(len(amount), mark), amount, np.full(len(amount), np.nan)])
