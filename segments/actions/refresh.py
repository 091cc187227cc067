"""Finding groups and putting them in force."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from segments.actions.publishing import NO_PURCHASE, Grouping, map_of_customers, publish
from segments.algorithms import clustering, naming, rfm
from segments.algorithms.scaling import Scaler, finite_rows
from segments.datasets.features import BY_KEY, CustomerFeatures, customer_features
from segments.models import Membership, Method, SegmentRun
from shop.models import Order

KS = range(2, 9)
FEWEST_BUYERS = 20


def facts_until() -> datetime:
    """The moment a run looks back from: now, or just after the last order when the shop's data end earlier."""
    last: datetime | None = Order.objects.aggregate(last=Max("placed_at"))["last"]
    now = timezone.now()
    return min(now, last + timedelta(seconds=1)) if last else now


def refresh_segments(
    *, as_of: datetime | None = None, seed: int = 0, fresh: bool = False, progress: Progress = silent
) -> list[SegmentRun]:
    """Group all customers by behaviour (k-means) and by RFM on the facts before `as_of`, and publish both.

    The groups of the run in force are continued (frozen scaler, warm-started centres), so that they mean the same tomorrow;
    with `fresh`, or when a cold start is clearly better, they are found anew and matched to the old ones by overlap. The same facts
    and seed give the same result. Everything is written in one transaction, published last: a crash leaves the old runs in force.

    Raises Refused below FEWEST_BUYERS customers with an order.
    """
    as_of = as_of or facts_until()
    progress(0, 10, gettext_noop("Reading orders and visits"))
    known = customer_features(as_of=as_of)
    known = known.only(finite_rows(known.values))
    if known.buyers.sum() < FEWEST_BUYERS:
        raise Refused(
            _("Grouping needs at least %(needed)d customers with an order; there are %(found)d. Import more orders first.")
            % {"needed": FEWEST_BUYERS, "found": known.buyers.sum()}
        )
    groupings = [_by_behaviour(known, seed, fresh, progress), _by_rfm(known)]
    progress(9, 10, gettext_noop("Saving and publishing"))
    runs = publish(groupings, known, as_of=as_of, seed=seed)
    progress(10, 10)
    return runs


# -- k-means ---------------------------------------------------------------------------------------------------------------


def _by_behaviour(known: CustomerFeatures, seed: int, fresh: bool, progress: Progress) -> Grouping:
    keys = [key for key in known.keys if BY_KEY[key].clusters]
    buyers = known.only(known.buyers)
    values = np.column_stack([buyers.column(key) for key in keys])
    previous = None if fresh else SegmentRun.objects.published(Method.KMEANS)
    if previous and previous.estimator["keys"] != keys:
        previous = None
    scaler = Scaler.from_json(previous.estimator["scaler"]) if previous else _fit_scaler(values, keys)
    points = scaler.transform(values)
    if previous:
        progress(4, 10, gettext_noop("Continuing yesterday's groups"))
        selection = previous.selection
        found = clustering.recluster(points, np.array(previous.estimator["centres"]), seed)
    else:
        selection, found = _find(points, seed, progress)
    progress(8, 10, gettext_noop("Naming the groups"))
    kept = [keys[column] for column in scaler.kept]
    slugs = _identify(found, points, kept, previous, buyers.ids)
    estimator = {"keys": keys, "kept": kept, "scaler": scaler.as_json(), "centres": found.centres.tolist(), "warm": found.warm}
    picture = map_of_customers(points, kept, found.labels, buyers, seed)
    labels = np.full(len(known.ids), len(slugs))
    labels[known.buyers] = found.labels
    if not known.buyers.all():
        slugs = [*slugs, NO_PURCHASE]
    return Grouping(Method.KMEANS, slugs, labels, estimator, selection, picture)


def _fit_scaler(values: NDArray[np.float64], keys: list[str]) -> Scaler:
    try:
        return Scaler.fit(values, np.array([BY_KEY[key].skewed for key in keys]))
    except ValueError:
        raise Refused(_("All customers look alike: there is nothing to group them by. Import more orders first.")) from None


def _find(points: NDArray[np.float64], seed: int, progress: Progress) -> tuple[dict[str, Any], clustering.Clustering]:
    step = gettext_noop("Choosing the number of groups")
    progress(1, 10, step)
    try:
        choice = clustering.choose_k(
            points, KS, seed, lambda done: progress(1 + round(6 * done / len(KS)), 10, step)
        )
    except ValueError:
        raise Refused(_("All customers look alike: there is nothing to group them by. Import more orders first.")) from None
    progress(7, 10, gettext_noop("Grouping everybody"))
    return choice.as_json(), clustering.cluster(points, choice.k, seed)


def _identify(
    found: clustering.Clustering, points: NDArray[np.float64], kept: list[str], previous: SegmentRun | None,
    ids: NDArray[np.int64],
) -> list[str]:
    """The slug of each group: kept when it continues one of the run in force, else the word that fits best and is free."""
    differences = found.centres - points.mean(axis=0)
    suggested = naming.name_groups(differences, kept)
    previous = previous or SegmentRun.objects.published(Method.KMEANS)
    if previous is None:
        return suggested
    old = _slugs_of(previous)
    same = {i: i for i in range(len(old))} if found.warm else _overlap(previous, found, ids)
    inherited = {new: old[before] for new, before in same.items() if before < len(old)}
    taken = set(inherited.values())
    free = [name for name in naming.ARCHETYPES if name not in taken]
    slugs = []
    for group, name in enumerate(suggested):
        if group not in inherited:
            inherited[group] = name if name in free else free[0]
            free.remove(inherited[group])
        slugs.append(inherited[group])
    return slugs


def _slugs_of(run: SegmentRun) -> list[str]:
    snapshots = run.snapshots.exclude(segment__slug=NO_PURCHASE).order_by("position")
    return list(snapshots.values_list("segment__slug", flat=True))


def _overlap(previous: SegmentRun, found: clustering.Clustering, ids: NDArray[np.int64]) -> dict[int, int]:
    members = Membership.objects.filter(run=previous).exclude(segment__slug=NO_PURCHASE)
    rows = np.array(members.values_list("customer_id", "segment__snapshots__position").filter(
        segment__snapshots__run=previous
    ).order_by("customer_id"), dtype=np.int64).reshape(-1, 2)
    common, before, now = np.intersect1d(rows[:, 0], ids, return_indices=True)
    return naming.match_groups(rows[before, 1], found.labels[now]) if common.size else {}


# -- RFM -------------------------------------------------------------------------------------------------------------------


def _by_rfm(known: CustomerFeatures) -> Grouping:
    buyers = known.only(known.buyers)
    found, r, fm = rfm.classes(*(buyers.column(key) for key in ("recency", "frequency", "monetary")))
    table = np.zeros((rfm.SCORES, rfm.SCORES), dtype=int)
    np.add.at(table, (r - 1, fm - 1), 1)
    labels = np.full(len(known.ids), -1)
    labels[known.buyers] = found
    return Grouping(Method.RFM, rfm.NAMES, labels, {}, {}, {"table": table.tolist()})
