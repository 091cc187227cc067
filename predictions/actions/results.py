"""What every prediction hands over: values ready to be written, or what stands in the way of learning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.cards import PredictionCard, Refusal

Array = NDArray[np.float64]
Places = NDArray[np.int64]


class NotEnoughDataError(Exception):
    """Learning is not possible; `refusal` says why."""

    def __init__(self, reason: str, needed: float = 0, found: float = 0) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, float(needed), float(found))


@dataclass(frozen=True)
class PredictionResult:
    """A prediction ready to be written. `ids`: the customers, ascending; `rows`: a slice of them -> their
    values, choices and encoded reasons (see `models.Prediction`). `currency`: of the values, "" for
    probabilities."""

    kind: str
    horizon_days: int
    champion: str
    card: PredictionCard
    ids: Places
    rows: Callable[[slice], tuple[Array, Places, Array]]
    currency: str = ""
