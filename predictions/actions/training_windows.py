"""The shop as it was at earlier moments, each read once for all predictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from predictions.datasets.labelled_samples import FEATURES, LabelledSample, labelled_sample, sampled
from predictions.datasets.training_windows import first_event, first_order

WINDOW_ROWS = 30_000  # customers of one earlier moment that train: more change the third digit only
MOST_WINDOWS = 6
LOOK_BACK = 30  # days: history below which nobody has habits


@dataclass
class TrainingWindows:
    """Looks back from `as_of`. Samples are drawn with `seed`."""

    as_of: datetime
    seed: int
    _read: dict[datetime, LabelledSample] = field(default_factory=dict)

    def at(self, moment: datetime) -> LabelledSample:
        """At most WINDOW_ROWS customers as known before `moment`, and what they did from then until `as_of`.

        In today's currency and categories: a shop that found a new best seller did not change its customers.
        """
        if moment not in self._read:
            among = sampled(as_of=moment, size=WINDOW_ROWS, seed=self.seed)
            self._read[moment] = labelled_sample(as_of=moment, until=self.as_of, like=self.today, among=among)
        return self._read[moment]

    @property
    def today(self) -> LabelledSample:
        """Everybody as known now."""
        if self.as_of not in self._read:
            self._read[self.as_of] = labelled_sample(as_of=self.as_of, until=self.as_of)
        return self._read[self.as_of]

    def history_days(self) -> float:
        """Days since the first order."""
        first = first_order(as_of=self.as_of)
        return (self.as_of - first) / timedelta(days=1) if first else 0.0

    def features_known_at(self, moments: list[datetime]) -> list[str]:
        """The keys of the features that could be known at all of these moments: browsing, from LOOK_BACK days
        after it was first recorded.

        A feature that is missing early and there late would pass for a change in the customers.
        """
        began = first_event(as_of=self.as_of)
        browsing = began is not None and min(moments, default=self.as_of) - began >= timedelta(days=LOOK_BACK)
        return [key for key in self.today.keys if browsing or FEATURES[key].topic != "browsing"]

    def moments(self, horizon: int) -> list[datetime]:
        """Moments `horizon` days apart, oldest first: each with enough history before and a whole horizon
        after it."""
        most = int((self.history_days() - max(horizon, LOOK_BACK)) // horizon)
        return [self.as_of - timedelta(days=horizon * k) for k in range(min(most, MOST_WINDOWS), 0, -1)]
