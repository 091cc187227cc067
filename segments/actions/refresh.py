"""Finding groups and putting them in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from backoffice.copying import write_arrays
from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from segments.algorithms import clustering, naming, rfm
from segments.algorithms.scaling import Scaler, finite_rows
from segments.datasets.features import BY_KEY, CustomerFeatures, customer_features
from segments.models import CustomerFeatures as StoredFeatures
from segments.models import Membership, Method, PublishedRun, Segment, SegmentRun, SegmentSnapshot
from segments.wording import WORDS
from shop.models import Order

KS = range(2, 9)
FEWEST_BUYERS = 20
RUNS_KEPT = 5
MAP_SAMPLE = 1_500
NO_PURCHASE = "no-purchase"
# Okabe & Ito's palette: told apart by colour-blind eyes, on light and on dark ground
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800", "#8C6BB1", "#7A7A7A", "#A0522D", "#117733",
           "#882255", "#44AA99", "#332288"]


@dataclass(frozen=True)
class Grouping:
    """What a method found: the position of each row's group in `slugs`."""

    method: Method
    slugs: list[str]
    labels: NDArray[np.int64]
    estimator: dict[str, Any]
    selection: dict[str, Any]
    picture: dict[str, Any]


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
    with transaction.atomic():
        runs = [_write(grouping, known, as_of, seed) for grouping in groupings]
        for run in runs:
            PublishedRun.point_to(run)
    _prune()
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
    picture = _picture(points, kept, found.labels, buyers, seed)
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


def _picture(
    points: NDArray[np.float64], kept: list[str], labels: NDArray[np.int64], buyers: CustomerFeatures, seed: int
) -> dict[str, Any]:
    """A sample of the customers on a plane, for the map of groups."""
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(len(points), min(MAP_SAMPLE, len(points)), replace=False))
    plane = clustering.project(points[rows])
    frequency, monetary = buyers.column("frequency")[rows], buyers.column("monetary")[rows]
    return {
        "axes": [kept[column] for column in plane.axes],
        "explained": plane.explained,
        "points": [
            [round(float(x), 3), round(float(y), 3), int(label), int(orders), round(float(spent))]
            for (x, y), label, orders, spent in zip(plane.points, labels[rows], frequency, monetary, strict=True)
        ],
    }


# -- RFM -------------------------------------------------------------------------------------------------------------------


def _by_rfm(known: CustomerFeatures) -> Grouping:
    buyers = known.only(known.buyers)
    found, r, fm = rfm.classes(*(buyers.column(key) for key in ("recency", "frequency", "monetary")))
    table = np.zeros((rfm.SCORES, rfm.SCORES), dtype=int)
    np.add.at(table, (r - 1, fm - 1), 1)
    labels = np.full(len(known.ids), -1)
    labels[known.buyers] = found
    return Grouping(Method.RFM, rfm.NAMES, labels, {}, {}, {"table": table.tolist()})


# -- writing ---------------------------------------------------------------------------------------------------------------


def _write(grouping: Grouping, known: CustomerFeatures, as_of: datetime, seed: int) -> SegmentRun:
    grouped = grouping.labels >= 0
    rows, labels = known.only(grouped), grouping.labels[grouped]
    run = SegmentRun.objects.create(
        method=grouping.method, as_of=as_of, seed=seed, customers=len(rows.ids), currency=known.currency,
        quality=known.quality | {"never_bought": int((~known.buyers).sum())},
        estimator=grouping.estimator | {"features": known.keys}, selection=grouping.selection, picture=grouping.picture,
    )
    segments = [_segment(grouping.method, slug, position) for position, slug in enumerate(grouping.slugs)]
    SegmentSnapshot.objects.bulk_create(_snapshots(run, segments, rows, labels))
    write_arrays(Membership._meta.db_table, {
        "run_id": run.pk, "segment_id": np.array([segment.pk for segment in segments])[labels], "customer_id": rows.ids,
    })
    if grouping.method == Method.KMEANS:
        write_arrays(StoredFeatures._meta.db_table, {"run_id": run.pk, "customer_id": rows.ids, "values": rows.values})
    return run


def _segment(method: Method, slug: str, position: int) -> Segment:
    segment, _new = Segment.objects.get_or_create(
        method=method, slug=slug,
        defaults={"name_key": WORDS[slug][0], "colour": "#9AA3B5" if slug == NO_PURCHASE else _free_colour(method, position)},
    )
    return segment


def _free_colour(method: Method, position: int) -> str:
    taken = set(Segment.objects.filter(method=method).values_list("colour", flat=True))
    return next((colour for colour in COLOURS if colour not in taken), COLOURS[position % len(COLOURS)])


def _snapshots(
    run: SegmentRun, segments: list[Segment], rows: CustomerFeatures, labels: NDArray[np.int64]
) -> list[SegmentSnapshot]:
    scaled = _comparable(rows)
    found = naming.profiles(rows.values, scaled, labels, len(segments))
    monetary = rows.column("monetary")
    total = max(float(monetary.sum()), 1e-9)
    tastes = naming.profiles(rows.shares, np.zeros_like(rows.shares), labels, len(segments))
    snapshots = []
    for position, (segment, profile, taste) in enumerate(zip(segments, found, tastes, strict=True)):
        if not profile.size:
            continue
        revenue = float(monetary[labels == position].sum())
        columns = naming.strongest(profile.difference, [BY_KEY[key].family or key for key in rows.keys])
        if segment.slug == NO_PURCHASE:
            columns = [rows.keys.index("frequency")]
        snapshots.append(SegmentSnapshot(
            run=run, segment=segment, position=position, size=profile.size, share=profile.size / len(labels),
            revenue=round(revenue, 4), revenue_share=revenue / total,
            profile={
                "features": [
                    {"feature": key, "mean": float(profile.mean[i]), "overall": float(profile.overall[i]),
                     "difference": float(profile.difference[i])}
                    for i, key in enumerate(rows.keys)
                ],
                "categories": [
                    {"category": category, "share": float(taste.mean[i]), "overall": float(taste.overall[i])}
                    for i, category in enumerate(rows.categories)
                ],
            },
            reason={"features": [rows.keys[column] for column in columns]},
        ))
    return snapshots


def _comparable(rows: CustomerFeatures) -> NDArray[np.float64]:
    """All features with unit variance (zeros for constant ones), for differences that can be compared with each other."""
    scaled = np.zeros_like(rows.values)
    skewed = np.array([BY_KEY[key].skewed for key in rows.keys])
    try:
        scaler = Scaler.fit(rows.values, skewed)
    except ValueError:
        return scaled
    scaled[:, scaler.kept] = scaler.transform(rows.values)
    return scaled


def _prune() -> None:
    """Forget the members of old runs; their snapshots stay as history."""
    published = set(PublishedRun.objects.values_list("run_id", flat=True))
    for method in Method:
        old = SegmentRun.objects.filter(method=method).order_by("-created_at").values_list("pk", flat=True)[RUNS_KEPT:]
        forgotten = [pk for pk in old if pk not in published]
        with connection.cursor() as cursor:
            for table in (Membership._meta.db_table, StoredFeatures._meta.db_table):
                cursor.execute(f"DELETE FROM {table} WHERE run_id = ANY(%s)", [forgotten])  # noqa: S608 - our own table names
