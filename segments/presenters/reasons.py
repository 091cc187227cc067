"""From a stored run and a customer's stored figures to the features that decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiles.algorithms.scaling import Scaler
from profiles.datasets.features import BY_KEY
from segments.algorithms.explaining import contributions, rival
from segments.algorithms.methods import METHODS, MixtureGroups, RfmClasses
from segments.models import Method, SegmentRun

MOST = 3
DECIDED = 2


def decisive_features(run: SegmentRun, own: Mapping[str, float], position: int) -> list[str]:
    """The keys of at most three features that put a customer with the figures `own` into the group at
    `position`, strongest first.

    Of the nightly groups those in which customer and group lie far from the average on the same side: what
    its name and its profile speak of (see `against_rival` for what decided). RFM decides by recency,
    frequency and monetary value alone; a customer without an order by having none.
    """
    if run.method == Method.RFM:
        return list(RfmClasses.features)
    if "fitted" in run.estimator:
        return _by_method(run, own)
    if "likeness" in run.estimator:
        return _by_likeness(run, own)
    centres = np.array(run.estimator["centres"])
    if position >= len(centres):
        return ["frequency"]
    return _strongest(_scaled(run, own) * centres[position], run.estimator["kept"])


@dataclass(frozen=True)
class Rivalry:
    """Against the next best group, at `position`: `features` speak for the own group, strongest first;
    `nearer`: the customer lies nearer to the other one by a trifle, and stayed."""

    position: int
    features: list[str]
    nearer: bool


def against_rival(run: SegmentRun, own: Mapping[str, float], position: int) -> Rivalry | None:
    """What decided for the group at `position` of the nightly groups, or kept the customer there; None of
    other runs."""
    centres = np.array(run.estimator.get("centres", []))
    if position >= len(centres) or len(centres) < 2:
        return None
    point = _scaled(run, own)
    weights = contributions(point, centres, position)
    return Rivalry(
        rival(point, centres, position),
        _strongest(weights, run.estimator["kept"])[:DECIDED],
        bool(weights.sum() < 0),
    )


def _scaled(run: SegmentRun, own: Mapping[str, float]) -> NDArray[np.float64]:
    """The customer as a point of the run's kept features."""
    scaler = Scaler.from_json(run.estimator["scaler"])
    return scaler.transform(np.array([[own[key] for key in run.estimator["keys"]]]))[0]


def _by_method(run: SegmentRun, own: Mapping[str, float]) -> list[str]:
    """Of a grouping that somebody asked for; nothing where a feature is newer than the figures `own`."""
    if not own["frequency"]:
        return ["frequency"]
    if not set(run.estimator["keys"]) <= set(own):
        return []
    fitted = METHODS[run.estimator["method"]].from_json(run.estimator["fitted"])
    return _strongest(fitted.reasons(_scaled(run, own)), run.estimator["kept"])


def certainty(run: SegmentRun, own: Mapping[str, float]) -> float | None:
    """The probability of the customer's group where the method knows one (a mixture), else None."""
    if run.method != Method.MIXTURE or not own["frequency"] or not set(run.estimator["keys"]) <= set(own):
        return None
    return float(
        MixtureGroups.from_json(run.estimator["fitted"]).probabilities(_scaled(run, own)[None]).max()
    )


def _by_likeness(run: SegmentRun, own: Mapping[str, float]) -> list[str]:
    """Of a learned segment: where the customer lies as far out as its members do, weighed by how much the
    feature matters."""
    if not set(run.estimator["keys"]) <= set(own):
        return []
    return _strongest(_scaled(run, own) * np.array(run.estimator["likeness"]), run.estimator["kept"])


def _strongest(weights: NDArray[np.float64], keys: list[str]) -> list[str]:
    """What speaks for the group, one of each family; the least against it where nothing does."""
    chosen: dict[str, str] = {}
    for column in np.argsort(-weights, kind="stable"):
        if weights[column] > 0 or not chosen:
            chosen.setdefault(BY_KEY[keys[column]].family or keys[column], keys[column])
    return list(chosen.values())[:MOST]
