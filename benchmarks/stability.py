"""How firm the groups stand: what customers keep from week to week, and whether planted groups are found.

`segments-kept-week-later`: UCI Online Retail, grouped a week before its end and continued at its end, for 4, 5 and 6 groups. Ours
is the share of customers that keep their group at the worst of the three, when that costs at most 1 % of the inertia; the row also
reports a raw re-run, and a re-run whose groups are matched to the old ones by overlap (Hungarian method).

`demo-groups-ari`: the adjusted Rand index between the groups planted in the demo shop and those that the ordinary refresh finds and
chooses the number of. Nobody told it how many there are.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.core.management import call_command
from django.db import connection
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score

from backoffice.jobs import silent
from benchmarks.pairs import row
from segments.actions.behaviour import Held, continue_groups, find_groups, held
from segments.actions.publishing import publish
from segments.actions.refresh import facts_until, refresh_segments
from segments.algorithms import clustering
from segments.datasets.features import CustomerFeatures, customer_features
from segments.datasets.memberships import groups_of
from shop.actions import imports
from shop.demo import planted_groups
from shop.models import Customer

ROWS = ["segments-kept-week-later", "demo-groups-ari"]
LARGE = True
ONLINE_RETAIL = Path(__file__).parents[2] / "shared" / "data" / "online_retail.csv.gz"
WEEK = timedelta(days=7)
KEPT, COST, FOUND = 0.90, 0.01, 0.90
CUSTOMERS, SEED = 4_000, 1


def run() -> list[dict[str, object]]:
    return [*_kept(), _planted()]


def _kept() -> list[dict[str, object]]:
    if not ONLINE_RETAIL.exists():
        print(f"segments-kept-week-later: skipped, there is no {ONLINE_RETAIL}")
        return []
    with ONLINE_RETAIL.open("rb") as file:
        imports.import_orders(import_id=imports.take_file(file=file, filename=ONLINE_RETAIL.name, by=None).pk)
    until = facts_until()
    then, now = customer_features(as_of=until - WEEK), customer_features(as_of=until)
    found = {k: _week_later(then, now, k, until) for k in (4, 5, 6)}
    worst = min(found.values(), key=lambda one: one["kept"])
    result = row("segments-kept-week-later", worst["kept"], 1.0, goal=KEPT, better="higher")
    return [result | {"ok": result["ok"] and all(one["cost"] <= COST for one in found.values()), "by_k": found}]


def _week_later(then: CustomerFeatures, now: CustomerFeatures, k: int, until: datetime) -> dict[str, float]:
    """Shares of the customers of both weeks that keep their group: continued, re-run, and re-run with matched groups."""
    _forget()
    first = find_groups(then, k, as_of=until - WEEK, seed=0, progress=silent)
    publish([first], then, as_of=until - WEEK, seed=0)
    before = held(now)
    assert before is not None
    grouping, found = continue_groups(before, until, 0)
    both = before.former >= 0
    kept = grouping.labels[now.buyers][both] == before.former[both]
    raw, matched = _rerun(before, both, k)
    return {
        "kept": float(kept.mean()), "warm_only": float((found.labels == before.former)[both].mean()), "raw": raw,
        "hungarian": matched, "cost": grouping.estimator["hysteresis"]["cost"],
    }


def _rerun(before: Held, both: NDArray[np.bool_], k: int) -> tuple[float, float]:
    again = clustering.cluster(before.space.points, k, 1).labels[both]
    table = np.zeros((k, k))
    np.add.at(table, (before.former[both], again), 1)
    old, new = linear_sum_assignment(-table)
    return float(np.trace(table) / table.sum()), float(table[old, new].sum() / table.sum())


def _planted() -> dict[str, object]:
    _empty_shop()
    call_command("seed_demo", customers=CUSTOMERS, seed=SEED, verbosity=0)
    run, _rfm = refresh_segments()
    numbers = dict(Customer.objects.values_list("pk", "external_id"))
    ids = np.array(sorted(numbers))
    truth = planted_groups(SEED, CUSTOMERS)[[int(numbers[pk][1:]) - 1 for pk in ids]]
    index = adjusted_rand_score(truth, groups_of(run, ids))
    return row("demo-groups-ari", float(index), 1.0, goal=FOUND, better="higher") | {"groups": len(run.estimator["centres"])}


def _forget() -> None:
    _truncate("segments_segmentrun, segments_segment")


def _empty_shop() -> None:
    _truncate("shop_order, shop_customer, shop_product, shop_orderimport, segments_segmentrun, segments_segment")


def _truncate(tables: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
