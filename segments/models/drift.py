"""How far customers have moved from those in whom the groups were found, as a run stores it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from profiles.datasets.arrivals import ArrivalRate


@dataclass(frozen=True)
class StoredDistribution:
    """See `algorithms.drift.Distribution`."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    mean: float


@dataclass(frozen=True)
class DriftReference:
    """The first run of a generation, which later ones are compared with. `features`: by key; `shares`: of the
    buyers, by slug of their group; `noise`: the share of buyers that changes group by chance alone;
    `arrivals`: by source, "orders" and "events"."""

    buyers: int
    features: dict[str, StoredDistribution]
    shares: dict[str, float]
    noise: float
    arrivals: dict[str, ArrivalRate]


@dataclass(frozen=True)
class DriftCause:
    """Why a feature moved. `kind`: "stopped" (no more facts of `source` since `last`), "rate" (facts a day,
    `then` and `now`), "lost" (known of a smaller share of customers, `then` and `now`), "time" or
    "behaviour"."""

    kind: str
    source: str = ""
    last: datetime | None = None
    then: float = 0.0
    now: float = 0.0


@dataclass(frozen=True)
class Alarm:
    """A change that deserves attention. `kind`: "feature" (means of `feature`, `then` and `now`, its
    stability `index` and `cause`), "share" (of the buyers in the group `slug`) or "movement" (share of the
    buyers who changed group: expected `then`, observed `now`)."""

    kind: str
    then: float
    now: float
    feature: str = ""
    index: float = 0.0
    cause: DriftCause | None = None
    slug: str = ""


@dataclass(frozen=True)
class NewlyRecorded:
    """A feature that is known of many more customers than then: shares from 0 to 1."""

    feature: str
    then: float
    now: float


@dataclass(frozen=True)
class Drift:
    """A run against the first of its generation, at `since`. `moved`, `expected`: shares of the buyers who
    changed group since the run before, observed and by chance; `features`: population stability index by
    key."""

    since: datetime
    moved: float
    expected: float
    features: dict[str, float] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()
    recorded: tuple[NewlyRecorded, ...] = ()
