"""Watching whether the customers are still those in whom the groups were found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from profiles.datasets.features import BY_KEY, CustomerFeatures
from segments.algorithms import drift
from segments.algorithms.drift import Spread
from segments.models import SegmentRun

SHARE_CHANGED = 0.05  # of all customers, and
SHARE_RELATIVE = 0.25  # of the group itself
A_DAY = 0.02  # so many may change group in a day by what they do
SILENT = timedelta(days=3)  # a source that gave at least one fact a day and none for so long has stopped
RATE_CHANGED = 0.3
RECORDED = (
    0.25  # when a feature is known of so many more, or fewer, of the people, its figures cannot be compared
)
MOST = 5  # alarms

Arrivals = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Today:
    """What a run found. `shares`: the share of the buyers by slug of their group; `moved`: the share of the
    buyers of the run before (`elapsed` ago) who are in another group now."""

    as_of: datetime
    buyers: CustomerFeatures
    shares: dict[str, float]
    moved: float
    elapsed: timedelta
    arriving: Arrivals


def reference_of(
    buyers: CustomerFeatures, shares: dict[str, float], noise: float, arriving: Arrivals
) -> dict[str, Any]:
    """What a generation is compared with later, as JSON. `noise`: the share of buyers that changes group by
    chance alone."""
    spreads = {key: asdict(Spread.of(buyers.column(key))) for key in buyers.keys}
    return {
        "buyers": len(buyers.ids),
        "features": spreads,
        "shares": shares,
        "noise": noise,
        "arrivals": arriving,
    }


def measure(birth: SegmentRun, today: Today) -> dict[str, Any]:
    """Today against the generation's first run, as JSON: {since, moved, expected, features: {key: stability
    index}, alarms, recorded}.

    `recorded` are the features that are known of many more people than then: {feature, then, now}, shares
    from 0 to 1. That is no drift, as most of the figures then were fillings. An alarm is {kind: feature |
    share | movement, then, now, ...}; that of a feature has its `cause`.
    """
    reference = birth.estimator["reference"]
    recorded = list(_recorded(birth, today))
    incomparable = {one["feature"] for one in recorded}
    indices = {
        key: drift.stability_index(Spread(**spread), today.buyers.column(key))
        for key, spread in reference["features"].items()
        if key in today.buyers.keys and key not in incomparable
    }
    expected = min(1.0, reference["noise"] + A_DAY * max(today.elapsed / timedelta(days=1), 0))
    movement = [{"kind": "movement", "then": expected, "now": today.moved}] if today.moved > expected else []
    alarms = [*_shifted(birth, indices, today), *_resized(reference["shares"], today.shares), *movement]
    return {
        "since": birth.as_of.isoformat(),
        "moved": today.moved,
        "expected": expected,
        "features": indices,
        "alarms": alarms[:MOST],
        "recorded": recorded,
    }


def _known_share(quality: dict[str, Any], key: str) -> float:
    """The share of the people of whom a feature was known."""
    gap = quality.get("gaps", {}).get(key, {"missing": 0, "unusable": 0})
    return 1 - (gap["missing"] + gap["unusable"]) / max(quality.get("people", 0), 1)


def _recorded(birth: SegmentRun, today: Today) -> Iterator[dict[str, Any]]:
    for key in birth.estimator["reference"]["features"]:
        if key in today.buyers.keys and BY_KEY[key].optional:
            then, now = _known_share(birth.quality, key), _known_share(today.buyers.quality, key)
            if now - then >= RECORDED:
                yield {"feature": key, "then": then, "now": now}


def _shifted(birth: SegmentRun, indices: dict[str, float], today: Today) -> Iterator[dict[str, Any]]:
    """The features that moved, furthest first; of one family the furthest speaks for the others."""
    reference = birth.estimator["reference"]
    families: set[str] = set()
    for key in sorted(indices, key=lambda key: -indices[key]):
        family = BY_KEY[key].family or key
        limit = drift.alarming(
            Spread(**reference["features"][key]), reference["buyers"], len(today.buyers.ids)
        )
        if indices[key] >= limit and family not in families:
            families.add(family)
            yield {
                "kind": "feature",
                "feature": key,
                "index": indices[key],
                "then": reference["features"][key]["mean"],
                "now": float(today.buyers.column(key).mean()),
                "cause": _lost(birth, key, today) or _cause(key, reference["arrivals"], today),
            }


def _lost(birth: SegmentRun, key: str, today: Today) -> dict[str, Any] | None:
    """The cause of a feature that is no longer known of those of whom it was."""
    then, now = _known_share(birth.quality, key), _known_share(today.buyers.quality, key)
    return (
        {"kind": "lost", "then": then, "now": now}
        if BY_KEY[key].optional and then - now >= RECORDED
        else None
    )


def _cause(key: str, then: Arrivals, today: Today) -> dict[str, Any]:
    """Why a feature moved: its facts stopped arriving, arrive at another rate, time went by, or customers
    behave differently."""
    source = {"browsing": "events", "purchases": "orders"}.get(BY_KEY[key].topic)
    if source is None:
        return {"kind": "behaviour"}
    before, now = then[source]["a_day"], today.arriving[source]
    if before >= 1 and (not now["last"] or today.as_of - datetime.fromisoformat(now["last"]) > SILENT):
        return {"kind": "stopped", "source": source, "last": now["last"]}
    if before and abs(now["a_day"] / before - 1) > RATE_CHANGED:
        return {"kind": "rate", "source": source, "then": before, "now": now["a_day"]}
    return {"kind": "time" if key == "tenure" else "behaviour"}


def _resized(then: dict[str, float], now: dict[str, float]) -> Iterator[dict[str, Any]]:
    for slug, before in then.items():
        change = abs(now.get(slug, 0) - before)
        if change >= SHARE_CHANGED and change >= SHARE_RELATIVE * before:
            yield {"kind": "share", "slug": slug, "then": before, "now": now.get(slug, 0)}
