"""From a stored run and a customer's stored figures to the features that decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiles.algorithms.scaling import Scaler
from profiles.datasets.features import BY_KEY
from segments.algorithms.contributions import contributions, rival
from segments.algorithms.methods import METHODS, MixtureGroups, RfmClasses
from segments.fitted_methods import StoredMixture
from segments.models import Likeness, Method, PlannedGroups, SegmentRun, StoredEstimator

MOST = 3
DECIDED = 2


def decisive_features(run: SegmentRun, own: Mapping[str, float], position: int) -> list[str]:
    """The keys of at most three features that put a customer with the figures `own` into the group at
    `position`, strongest first.

    Of the nightly groups those in which customer and group lie far from the average on the same side: what
    its name and its profile are about (see `runner_up` for what decided). RFM decides by recency,
    frequency and monetary value alone; a customer without an order by having none.
    """
    estimator = run.estimator
    if run.method == Method.RFM:
        return list(RfmClasses.features)
    if estimator.planned:
        return _by_method(estimator, estimator.planned, own)
    if estimator.likeness:
        return _by_likeness(estimator, estimator.likeness, own)
    if estimator.behaviour is None or position >= len(estimator.behaviour.centres):
        return ["frequency"]
    return _strongest(_scaled(estimator, own) * estimator.behaviour.centres[position], estimator.kept)


@dataclass(frozen=True)
class RunnerUp:
    """Against the next best group, at `position`: `features` speak for the own group, strongest first;
    `nearer`: the customer lies nearer to the other one by a trifle, and stayed."""

    position: int
    features: list[str]
    nearer: bool


def runner_up(run: SegmentRun, own: Mapping[str, float], position: int) -> RunnerUp | None:
    """What decided for the group at `position` of the nightly groups, or kept the customer there; None of
    other runs."""
    behaviour = run.estimator.behaviour
    if behaviour is None or position >= len(behaviour.centres) or len(behaviour.centres) < 2:
        return None
    centres = np.array(behaviour.centres)
    point = _scaled(run.estimator, own)
    weights = contributions(point, centres, position)
    return RunnerUp(
        rival(point, centres, position),
        _strongest(weights, run.estimator.kept)[:DECIDED],
        bool(weights.sum() < 0),
    )


def _scaled(estimator: StoredEstimator, own: Mapping[str, float]) -> NDArray[np.float64]:
    """The customer as a point of the kept features."""
    scaler = Scaler.from_stored(estimator.scaler)
    return scaler.transform(np.array([[own[key] for key in estimator.keys]]))[0]


def _by_method(estimator: StoredEstimator, planned: PlannedGroups, own: Mapping[str, float]) -> list[str]:
    """Of a grouping plan; nothing where a feature is newer than the figures `own`."""
    if not own["frequency"]:
        return ["frequency"]
    if not set(estimator.keys) <= set(own):
        return []
    method = METHODS[planned.method].from_stored(planned.fitted)
    return _strongest(method.reasons(_scaled(estimator, own)), estimator.kept)


def certainty(run: SegmentRun, own: Mapping[str, float]) -> float | None:
    """The probability of the customer's group where the method knows one (a mixture), else None."""
    estimator = run.estimator
    fitted = estimator.planned.fitted if estimator.planned else None
    if not isinstance(fitted, StoredMixture):
        return None
    if not own["frequency"] or not set(estimator.keys) <= set(own):
        return None
    mixture = MixtureGroups.from_stored(fitted)
    return float(mixture.probabilities(_scaled(estimator, own)[None]).max())


def _by_likeness(estimator: StoredEstimator, likeness: Likeness, own: Mapping[str, float]) -> list[str]:
    """Of a learned segment: where the customer lies as far out as its members do, weighed by how much the
    feature matters."""
    if not set(estimator.keys) <= set(own):
        return []
    return _strongest(_scaled(estimator, own) * np.array(likeness.weights), estimator.kept)


def _strongest(weights: NDArray[np.float64], keys: Sequence[str]) -> list[str]:
    """What speaks for the group, one of each family; the least against it where nothing does."""
    chosen: dict[str, str] = {}
    for column in np.argsort(-weights, kind="stable"):
        if weights[column] > 0 or not chosen:
            chosen.setdefault(BY_KEY[keys[column]].family or keys[column], keys[column])
    return list(chosen.values())[:MOST]
