"""The refresh of segments against the bare scikit-learn calls it makes, on the same matrix.

Ours: features by SQL, cleaning, scaling, choosing k by bootstraps, clustering everybody, naming, reasons,
writing and publishing both methods. Theirs: only the estimator calls (the same KMeans, silhouette and Rand
index calls with the same parameters) on the matrix that ours has prepared. A shop of 10,000 customers, 55,000
orders, 140,000 lines and 215,000 events: choosing k looks at a sample of fixed size on both sides, so that
with many more customers ours grows with the facts and theirs hardly does.
"""

from __future__ import annotations

import numpy as np
from django.core.management import call_command

from benchmarks.pairs import interleaved, row
from profiles.algorithms.scaling import Scaler
from profiles.datasets.features import BY_KEY, customer_features
from segments.actions.behaviour import KS
from segments.actions.refresh import refresh_segments
from segments.algorithms import clustering
from shop.calendar import facts_until

ROWS = ["segments-refresh"]
CUSTOMERS = 10_000
GOAL = 1.5


def run() -> list[dict[str, object]]:
    call_command("seed_demo", customers=CUSTOMERS, verbosity=0)
    as_of = facts_until()
    known = customer_features(as_of=as_of)
    buyers = known.only(known.buyers)
    scaler = Scaler.fit(buyers.values, np.array([BY_KEY[key].skewed for key in buyers.keys]))
    points = scaler.transform(buyers.values)

    def ours() -> None:
        refresh_segments(as_of=as_of, fresh=True)

    def theirs() -> None:
        choice = clustering.choose_k(points, KS, 0)
        clustering.cluster(points, choice.k, 0)

    return [row(*ROWS, *interleaved(ours, theirs, rounds=3), goal=GOAL)]
