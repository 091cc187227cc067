"""From a stored run and a customer's stored figures to the features that decided."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segments.algorithms.explaining import contributions
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
    centres = np.array(run.estimator["centres"])
    if position >= len(centres):
        return ["frequency"]
    scaler = Scaler.from_json(run.estimator["scaler"])
    point = scaler.transform(np.array([[own[key] for key in run.estimator["keys"]]]))[0]
    weights = contributions(point, centres, position)
    chosen: dict[str, str] = {}
    for column in np.argsort(-weights):
        key = run.estimator["kept"][column]
        if weights[column] > 0:
            chosen.setdefault(BY_KEY[key].family or key, key)
    return list(chosen.values())[:MOST]
