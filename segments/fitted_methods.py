"""What the fitted methods of grouping are stored as: numbers in rows, one class a method, which its algorithm
writes and reads and a run holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Row = tuple[float, ...]
Rows = tuple[Row, ...]


@dataclass(frozen=True)
class StoredKMeans:
    """`centres`: k x p."""

    centres: Rows


@dataclass(frozen=True)
class StoredMixture:
    """`weights`: k, summing to 1; `means`: k x p; `precisions`: k x p x p, the inverse covariances."""

    weights: Row
    means: Rows
    precisions: tuple[Rows, ...]


@dataclass(frozen=True)
class StoredFactors:
    """`mean`: p; `loadings` and `weights` (of the scores): p x m; `centres`: k x m, among the scores."""

    mean: Row
    loadings: Rows
    weights: Rows
    centres: Rows


@dataclass(frozen=True)
class StoredRfm:
    """`cuts`: 3 x 4; see `algorithms.methods.rfm.RfmClasses`."""

    cuts: Rows


StoredMethod = StoredKMeans | StoredMixture | StoredFactors | StoredRfm  # read by the names of their fields


def row(numbers: NDArray[np.float64]) -> Row:
    return tuple(numbers.tolist())


def rows(numbers: NDArray[np.float64]) -> Rows:
    return tuple(map(tuple, numbers.tolist()))
