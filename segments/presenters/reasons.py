"""From a stored run and a customer's stored figures to the features that decided."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from segments.algorithms.explaining import contributions
from segments.algorithms.methods import METHODS, MixtureGroups
from segments.algorithms.scaling import Scaler
from segments.datasets.features import BY_KEY
from segments.models import Method, SegmentRun

MOST = 3


def decisive_features(run: SegmentRun, own: Mapping[str, float], position: int) -> list[str]:
    """The keys of at most three features that put a customer with the figures `own` into the group at `position`, strongest first.

    RFM decides by recency, frequency and monetary value alone; a customer without an order by having none.
    """
    if run.method == Method.RFM:
        return ["recency", "frequency", "monetary"]
    if "fitted" in run.estimator:
        return _by_method(run, own)
    if "likeness" in run.estimator:
        return _by_likeness(run, own)
    centres = np.array(run.estimator["centres"])
    if position >= len(centres):
        return ["frequency"]
    scaler = Scaler.from_json(run.estimator["scaler"])
    point = scaler.transform(np.array([[own[key] for key in run.estimator["keys"]]]))[0]
    weights = contributions(point, centres, position)
    return _strongest(weights, run.estimator["kept"])


def _by_method(run: SegmentRun, own: Mapping[str, float]) -> list[str]:
    """Of a grouping that somebody asked for; nothing where a feature is newer than the figures `own`."""
    if not own["frequency"]:
        return ["frequency"]
    if not set(run.estimator["keys"]) <= set(own):
        return []
    fitted = METHODS[run.estimator["method"]].from_json(run.estimator["fitted"])
    scaler = Scaler.from_json(run.estimator["scaler"])
    point = scaler.transform(np.array([[own[key] for key in run.estimator["keys"]]]))[0]
    return _strongest(fitted.reasons(point), run.estimator["kept"])


def certainty(run: SegmentRun, own: Mapping[str, float]) -> float | None:
    """The probability of the customer's group where the method knows one (a mixture), else None."""
    if run.method != Method.MIXTURE or not own["frequency"] or not set(run.estimator["keys"]) <= set(own):
        return None
    scaler = Scaler.from_json(run.estimator["scaler"])
    points = scaler.transform(np.array([[own[key] for key in run.estimator["keys"]]]))
    return float(MixtureGroups.from_json(run.estimator["fitted"]).probabilities(points).max())


def _by_likeness(run: SegmentRun, own: Mapping[str, float]) -> list[str]:
    """Of a learned segment: where the customer lies as far out as its members do, weighed by how much the feature matters."""
    if not set(run.estimator["keys"]) <= set(own):
        return []
    scaler = Scaler.from_json(run.estimator["scaler"])
    point = scaler.transform(np.array([[own[key] for key in run.estimator["keys"]]]))[0]
    return _strongest(point * np.array(run.estimator["likeness"]), run.estimator["kept"])


def _strongest(weights: NDArray[np.float64], keys: list[str]) -> list[str]:
    """What speaks for the group, one of each family; the least against it where nothing does."""
    chosen: dict[str, str] = {}
    for column in np.argsort(-weights, kind="stable"):
        if weights[column] > 0 or not chosen:
            chosen.setdefault(BY_KEY[keys[column]].family or keys[column], keys[column])
    return list(chosen.values())[:MOST]
