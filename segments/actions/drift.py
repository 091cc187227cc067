"""Watching whether the customers are still those in whom the groups were found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from profiles.datasets.arrivals import ArrivalRate
from profiles.datasets.features import BY_KEY, CustomerFeatures, DataQuality
from segments.algorithms import drift
from segments.algorithms.drift import Distribution
from segments.models import (
    Alarm,
    Drift,
    DriftCause,
    DriftReference,
    NewlyRecorded,
    SegmentRun,
    StoredDistribution,
)

SHARE_CHANGED = 0.05  # of all customers, and
SHARE_RELATIVE = 0.25  # of the group itself
A_DAY = 0.02  # so many may change group in a day by what they do
SILENT = timedelta(days=3)  # a source that gave at least one fact a day and none for so long has stopped
RATE_CHANGED = 0.3
RECORDED = 0.25  # known of so many more, or fewer, of the people, a feature cannot be compared
MOST_ALARMS = 5


@dataclass(frozen=True)
class Observation:
    """What a run found. `shares`: the share of the buyers by slug of their group; `moved`: the share of the
    buyers of the run before (`elapsed` ago) who are in another group now."""

    as_of: datetime
    buyers: CustomerFeatures
    quality: DataQuality
    shares: dict[str, float]
    moved: float
    elapsed: timedelta
    arrivals: Mapping[str, ArrivalRate]


def reference_of(
    buyers: CustomerFeatures, shares: dict[str, float], noise: float, arrivals: dict[str, ArrivalRate]
) -> DriftReference:
    """What a generation is compared with later. `noise`: the share of buyers that changes group by chance
    alone."""
    return DriftReference(
        buyers=len(buyers.ids),
        features={key: _stored(Distribution.of(buyers.column(key))) for key in buyers.keys},
        shares=shares,
        noise=noise,
        arrivals=arrivals,
    )


def _stored(found: Distribution) -> StoredDistribution:
    return StoredDistribution(tuple(found.edges), tuple(found.shares), found.mean)


def _distribution(stored: StoredDistribution) -> Distribution:
    return Distribution(list(stored.edges), list(stored.shares), stored.mean)


def measure(birth: SegmentRun, reference: DriftReference, observed: Observation) -> Drift:
    """`observed` against `birth`, the generation's first run, and its `reference`.

    Features that are known of many more people than then are newly `recorded`. That is no drift, as most of
    the figures then were fillings.
    """
    recorded = list(_recorded(birth, reference, observed))
    incomparable = {row.feature for row in recorded}
    indices = {
        key: drift.stability_index(_distribution(then), observed.buyers.column(key))
        for key, then in reference.features.items()
        if key in observed.buyers.keys and key not in incomparable
    }
    expected = min(1.0, reference.noise + A_DAY * max(observed.elapsed / timedelta(days=1), 0))
    alarms = [
        *_shifted(birth, reference, indices, observed),
        *_resized(reference.shares, observed.shares),
    ]
    if observed.moved > expected:
        alarms.append(Alarm("movement", then=expected, now=observed.moved))
    return Drift(
        since=birth.as_of,
        moved=observed.moved,
        expected=expected,
        features=indices,
        alarms=tuple(alarms[:MOST_ALARMS]),
        recorded=tuple(recorded),
    )


def _recorded(birth: SegmentRun, reference: DriftReference, observed: Observation) -> Iterator[NewlyRecorded]:
    for key in reference.features:
        if key in observed.buyers.keys and BY_KEY[key].optional:
            then, now = birth.quality.known_share(key), observed.quality.known_share(key)
            if now - then >= RECORDED:
                yield NewlyRecorded(key, then, now)


def _shifted(
    birth: SegmentRun, reference: DriftReference, indices: dict[str, float], observed: Observation
) -> Iterator[Alarm]:
    """The features that moved, furthest first; of one family the furthest speaks for the others."""
    families: set[str] = set()
    for key in sorted(indices, key=lambda key: -indices[key]):
        family, then = BY_KEY[key].family or key, reference.features[key]
        limit = drift.alarming(_distribution(then), reference.buyers, len(observed.buyers.ids))
        if indices[key] >= limit and family not in families:
            families.add(family)
            yield Alarm(
                "feature",
                feature=key,
                index=indices[key],
                then=then.mean,
                now=float(observed.buyers.column(key).mean()),
                cause=_lost(birth, key, observed) or _cause(key, reference.arrivals, observed),
            )


def _lost(birth: SegmentRun, key: str, observed: Observation) -> DriftCause | None:
    """The cause of a feature that is no longer known of those of whom it was."""
    then, now = birth.quality.known_share(key), observed.quality.known_share(key)
    return DriftCause("lost", then=then, now=now) if BY_KEY[key].optional and then - now >= RECORDED else None


def _cause(key: str, then: Mapping[str, ArrivalRate], observed: Observation) -> DriftCause:
    """Why a feature moved: its facts stopped arriving, arrive at another rate, time passed, or customers
    behave differently."""
    source = {"browsing": "events", "purchases": "orders"}.get(BY_KEY[key].topic)
    if source is None:
        return DriftCause("behaviour")
    before, now = then[source].a_day, observed.arrivals[source]
    if before >= 1 and (now.last is None or observed.as_of - now.last > SILENT):
        return DriftCause("stopped", source=source, last=now.last)
    if before and abs(now.a_day / before - 1) > RATE_CHANGED:
        return DriftCause("rate", source=source, then=before, now=now.a_day)
    return DriftCause("time" if key == "tenure" else "behaviour")


def _resized(then: dict[str, float], now: dict[str, float]) -> Iterator[Alarm]:
    for slug, before in then.items():
        change = abs(now.get(slug, 0) - before)
        if change >= SHARE_CHANGED and change >= SHARE_RELATIVE * before:
            yield Alarm("share", slug=slug, then=before, now=now.get(slug, 0))
