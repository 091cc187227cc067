"""The shop as it was at earlier moments, each read once for all predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.datasets.outcomes import FEATURES, Hindsight, first_event, first_order, hindsight, sampled

Array = NDArray[np.float64]
Places = NDArray[np.int64]
WINDOW_ROWS = (
    30_000  # customers of one earlier moment that are learned from: more change the third digit only
)
MOST_WINDOWS = 6
LOOK_BACK = 30  # days: history below which nobody has habits


class TooLittleError(Exception):
    """What stands in the way of learning: `why` is a key of `predictions.presenters.wording.REFUSALS`."""

    def __init__(self, why: str, needed: float = 0, found: float = 0) -> None:
        super().__init__(why)
        self.why, self.needed, self.found = why, needed, found

    def as_json(self) -> dict[str, Any]:
        return {"why": self.why, "needed": self.needed, "found": self.found}


@dataclass
class Past:
    """Looks back from `as_of`. Samples are drawn with `seed`."""

    as_of: datetime
    seed: int
    _seen: dict[datetime, Hindsight] = field(default_factory=dict)

    def at(self, moment: datetime) -> Hindsight:
        """At most WINDOW_ROWS customers as known before `moment`, and what they did from then until `as_of`.

        In today's currency and categories: a shop that found a new best seller did not change its customers.
        """
        if moment not in self._seen:
            among = sampled(as_of=moment, size=WINDOW_ROWS, seed=self.seed)
            self._seen[moment] = hindsight(as_of=moment, until=self.as_of, like=self.today, among=among)
        return self._seen[moment]

    @property
    def today(self) -> Hindsight:
        """Everybody as known now."""
        if self.as_of not in self._seen:
            self._seen[self.as_of] = hindsight(as_of=self.as_of, until=self.as_of)
        return self._seen[self.as_of]

    def history(self) -> float:
        """Days since the first order."""
        first = first_order(as_of=self.as_of)
        return (self.as_of - first) / timedelta(days=1) if first else 0.0

    def told_throughout(self, moments: list[datetime]) -> list[str]:
        """The features that could be known at all of these moments: browsing, from LOOK_BACK days after it
        was first recorded.

        A feature that is missing early and there late would pass for a change in the customers.
        """
        began = first_event(as_of=self.as_of)
        browsing = began is not None and min(moments, default=self.as_of) - began >= timedelta(days=LOOK_BACK)
        return [key for key in self.today.keys if browsing or FEATURES[key].topic != "browsing"]

    def moments(self, horizon: int) -> list[datetime]:
        """Moments `horizon` days apart, oldest first: each with enough past and a whole horizon after it."""
        most = int((self.history() - max(horizon, LOOK_BACK)) // horizon)
        return [self.as_of - timedelta(days=horizon * k) for k in range(min(most, MOST_WINDOWS), 0, -1)]


@dataclass(frozen=True)
class Foreseen:
    """A prediction ready to be written. `rows`: slice of `ids` -> values, choices and reasons of those
    customers (see `models.Prediction`). `card` is the estimator card."""

    kind: str
    horizon_days: int
    champion: str
    card: dict[str, Any]
    ids: Places
    rows: Callable[[slice], tuple[Array, Places, Array]]
    currency: str = ""
