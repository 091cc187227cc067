"""How firm the groups stand: what customers keep from week to week.

`segments-kept-week-later`: UCI Online Retail, grouped a week before its end and continued at its end, for 4,
5 and 6 groups. Ours is the share of customers that keep their group at the worst of the three, when that
costs at most 1 % of the inertia; the row also reports a raw re-run, and a re-run whose groups are matched to
the old ones by overlap (Hungarian method).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from backoffice.jobs import silent
from benchmarks.pairs import row
from intake.actions import imports
from profiles.datasets.features import CustomerFeatures, customer_features
from segments.actions.behaviour import CurrentGroups, continue_groups, current_groups, find_groups
from segments.actions.runs import publish
from segments.algorithms import clustering
from shop.calendar import facts_until

ROWS = ["segments-kept-week-later"]
LARGE = True
ONLINE_RETAIL = Path(__file__).parents[2] / "shared" / "data" / "online_retail.csv.gz"
WEEK = timedelta(days=7)
KEPT, COST = 0.90, 0.01


def run() -> list[dict[str, object]]:
    if not ONLINE_RETAIL.exists():
        print(f"segments-kept-week-later: skipped, there is no {ONLINE_RETAIL}")
        return []
    with ONLINE_RETAIL.open("rb") as file:
        imports.import_file(import_id=imports.take_file(file=file, filename=ONLINE_RETAIL.name, by=None).pk)
    until = facts_until()
    then, now = customer_features(as_of=until - WEEK), customer_features(as_of=until)
    found = {k: _week_later(then, now, k, until) for k in (4, 5, 6)}
    worst = min(found.values(), key=lambda shares: shares["kept"])
    result = row(*ROWS, worst["kept"], 1.0, goal=KEPT, better="higher")
    return [
        result | {"ok": result["ok"] and all(row["cost"] <= COST for row in found.values()), "by_k": found}
    ]


def _week_later(then: CustomerFeatures, now: CustomerFeatures, k: int, until: datetime) -> dict[str, float]:
    """Shares of the customers of both weeks that keep their group: continued, re-run, and re-run with matched
    groups."""
    _forget()
    first = find_groups(then, k, as_of=until - WEEK, seed=0, progress=silent)
    publish([first], then, as_of=until - WEEK, seed=0)
    before = current_groups(now)
    assert before is not None
    grouping, found = continue_groups(before, until, 0)
    both = before.former >= 0
    kept = grouping.labels[now.buyers][both] == before.former[both]
    raw, matched = _rerun(before, both, k)
    return {
        "kept": float(kept.mean()),
        "warm_only": float((found.labels == before.former)[both].mean()),
        "raw": raw,
        "hungarian": matched,
        "cost": grouping.estimator.behaviour.hysteresis.cost,
    }


def _rerun(before: CurrentGroups, both: NDArray[np.bool_], k: int) -> tuple[float, float]:
    again = clustering.cluster(before.space.points, k, 1).labels[both]
    table = np.zeros((k, k))
    np.add.at(table, (before.former[both], again), 1)
    old, new = linear_sum_assignment(-table)
    return float(np.trace(table) / table.sum()), float(table[old, new].sum() / table.sum())


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE segments_segmentrun, segments_segment CASCADE")
