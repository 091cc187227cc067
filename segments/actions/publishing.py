"""Writing what a method found and putting it in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from numpy.typing import NDArray

from backoffice.bulk_copy import write_arrays
from profiles.actions.features import review_features
from profiles.algorithms.scaling import Scaler, outer_fence
from profiles.datasets.features import BY_KEY, CustomerFeatures, Feature
from segments.actions.membership import follow, hold_members
from segments.algorithms import clustering, naming
from segments.datasets.memberships import count_flows
from segments.datasets.stored import stored_sample
from segments.models import CustomerFeatures as StoredFeatures
from segments.models import Membership, Method, Proposal, PublishedRun, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.wording import WORDS

RUNS_KEPT = 5
JUDGED_ON = 5_000  # customers, for what each feature is worth
MAP_SAMPLE = 1_500
NO_PURCHASE = "no-purchase"
# Okabe & Ito's palette: told apart by colour-blind eyes, on light and on dark ground
COLOURS = [
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#B8A800",
    "#8C6BB1",
    "#66A61E",
    "#A0522D",
    "#117733",
    "#882255",
    "#44AA99",
    "#332288",
]


@dataclass(frozen=True)
class Grouping:
    """What a method found. `labels`: for each customer the position of the group in `slugs`, or -1 for
    nobody's; `topic` tells apart runs of one method that answer different questions: each topic has a run in
    force of its own."""

    method: Method
    slugs: list[str]
    labels: NDArray[np.int64]
    estimator: dict[str, Any]
    selection: dict[str, Any]
    picture: dict[str, Any]
    topic: str = ""
    against_everybody: bool = (
        False  # profiles compare with all customers, not only with those who have a group
    )
    names: Mapping[str, str] = field(
        default_factory=dict
    )  # slug -> message id, for slugs that have no words of their own
    generation: SegmentRun | None = None  # the run whose groups these continue
    drift: dict[str, Any] = field(default_factory=dict)


def publish(
    groupings: list[Grouping], known: CustomerFeatures, *, as_of: datetime, seed: int
) -> list[SegmentRun]:
    """Write a run for each grouping and put them all in force, in one transaction; runs of long ago lose
    their members."""
    with transaction.atomic():
        runs = [write_run(grouping, known, as_of=as_of, seed=seed) for grouping in groupings]
        for run in runs:
            put_in_force(run)
    forget_old_members()
    return runs


def put_in_force(run: SegmentRun) -> None:
    """Make `run` the one of its method and topic that pages show and campaigns use, count who moved since the
    one before, and bring the rules that ask about its groups up to date; in the caller's transaction."""
    before = SegmentRun.objects.published(run.method, run.topic)
    PublishedRun.point_to(run)
    if before:
        count_flows(before, run)
    if run.method == Method.KMEANS and not run.topic:
        _review_features(run)
    runs = [one for one in (before, run) if one]
    hold_members()
    follow(SegmentSnapshot.objects.filter(run__in=runs).values_list("segment", flat=True), now=timezone.now())


def _review_features(run: SegmentRun) -> None:
    """The groups of the night decide what each feature is worth."""
    values, groups = stored_sample(run, JUDGED_ON)
    review_features(
        as_of=run.as_of,
        keys=run.estimator["features"],
        values=values,
        groups=groups,
        customers=run.quality.get("people", 0),
        never_bought=run.quality.get("never_bought", 0),
        gaps=run.quality.get("gaps", {}),
    )


def write_run(grouping: Grouping, known: CustomerFeatures, *, as_of: datetime, seed: int) -> SegmentRun:
    """Write the run, its snapshots and its members (by COPY) without putting it in force. Customers labelled
    -1 are left out."""
    grouped = grouping.labels >= 0
    rows, labels = known.only(grouped), grouping.labels[grouped]
    run = SegmentRun.objects.create(
        method=grouping.method,
        topic=grouping.topic,
        as_of=as_of,
        seed=seed,
        customers=len(rows.ids),
        currency=known.currency,
        quality=known.quality | {"never_bought": int((~known.buyers).sum())},
        estimator=grouping.estimator | {"features": known.keys},
        selection=grouping.selection,
        picture=grouping.picture,
        generation=grouping.generation,
        drift=grouping.drift,
    )
    segments = [_segment(grouping, slug, position) for position, slug in enumerate(grouping.slugs)]
    if grouping.against_everybody:
        others = np.where(grouped, grouping.labels, len(segments))
        SegmentSnapshot.objects.bulk_create(_snapshots(run, segments, known, others))
    else:
        SegmentSnapshot.objects.bulk_create(_snapshots(run, segments, rows, labels))
    write_arrays(
        Membership._meta.db_table,
        {
            "run_id": run.pk,
            "segment_id": np.array([segment.pk for segment in segments])[labels],
            "customer_id": rows.ids,
        },
    )
    if grouping.method == Method.KMEANS and not grouping.topic:
        write_arrays(
            StoredFeatures._meta.db_table, {"run_id": run.pk, "customer_id": rows.ids, "values": rows.values}
        )
    return run


def map_of_customers(
    points: NDArray[np.float64],
    kept: list[str],
    labels: NDArray[np.int64],
    buyers: CustomerFeatures,
    seed: int,
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
            for (x, y), label, orders, spent in zip(
                plane.points, labels[rows], frequency, monetary, strict=True
            )
        ],
    }


def _segment(grouping: Grouping, slug: str, position: int) -> Segment:
    name_key = grouping.names.get(slug) or WORDS[slug][0]
    segment, new = Segment.objects.get_or_create(
        method=grouping.method,
        slug=slug,
        defaults={
            "name_key": name_key,
            "colour": "#9AA3B5" if slug.endswith(NO_PURCHASE) else _free_colour(grouping, position),
        },
    )
    if not new and segment.name_key != name_key:  # made when groups were named in another way
        segment.name_key = name_key
        segment.save(update_fields=["name_key"])
    return segment


def _free_colour(grouping: Grouping, position: int) -> str:
    """A colour that no other group of the same picture has."""
    same = (
        Segment.objects.filter(method=grouping.method, slug__in=grouping.slugs)
        if grouping.topic
        else Segment.objects.filter(method=grouping.method)
    )
    taken = set(same.values_list("colour", flat=True))
    return next((colour for colour in COLOURS if colour not in taken), COLOURS[position % len(COLOURS)])


def _snapshots(
    run: SegmentRun, segments: list[Segment], rows: CustomerFeatures, labels: NDArray[np.int64]
) -> list[SegmentSnapshot]:
    """`labels` beyond the last segment are other customers: they count in the average only."""
    groups = max(len(segments), int(labels.max(initial=0)) + 1)
    found = _profiles(rows, labels, groups)
    monetary = rows.column("monetary")
    total = max(float(monetary.sum()), 1e-9)
    tastes = naming.profiles(rows.shares, np.zeros_like(rows.shares), labels, groups)
    snapshots = []
    for position, (segment, profile, taste) in enumerate(zip(segments, found, tastes, strict=False)):
        if not profile.size:
            continue
        revenue = float(monetary[labels == position].sum())
        reasons = _reasons(rows.keys, profile.difference, run.estimator.get("kept"))
        if segment.slug.endswith(NO_PURCHASE):
            reasons = ["frequency"]
        snapshots.append(
            SegmentSnapshot(
                run=run,
                segment=segment,
                position=position,
                size=profile.size,
                share=profile.size / len(labels),
                revenue=round(revenue, 4),
                revenue_share=revenue / total,
                profile={
                    "features": [
                        {
                            "feature": key,
                            "mean": float(profile.mean[i]),
                            "overall": float(profile.overall[i]),
                            "difference": float(profile.difference[i]),
                        }
                        for i, key in enumerate(rows.keys)
                        if np.isfinite(profile.mean[i])
                    ],
                    "categories": [
                        {
                            "category": category,
                            "share": float(taste.mean[i]),
                            "overall": float(taste.overall[i]),
                        }
                        for i, category in enumerate(rows.categories)
                    ],
                },
                reason={"features": reasons},
            )
        )
    return snapshots


def _reasons(keys: list[str], difference: NDArray[np.float64], used: list[str] | None) -> list[str]:
    """What sets a group apart, strongest first, of the features that the method used (None: of all); at least
    one of them."""
    columns = [i for i, key in enumerate(keys) if used is None or key in used]
    families = [BY_KEY[keys[i]].family or keys[i] for i in columns]
    found = naming.strongest(difference[columns], families) or naming.strongest(
        difference[columns], families, at_least=0, most=1
    )
    return [keys[columns[i]] for i in found]


def _profiles(rows: CustomerFeatures, labels: NDArray[np.int64], groups: int) -> list[naming.Profile]:
    """Days since an order are compared among those who ordered: of a group of others their mean is NaN."""
    features = [BY_KEY[key] for key in rows.keys]
    found = naming.profiles(rows.values, comparable(rows.values, features), labels, groups)
    _in_means_of_money(found, rows, features, labels)
    if rows.buyers.all() or not rows.buyers.any():
        return found
    columns = [i for i, feature in enumerate(features) if feature.needs_order]
    values, theirs = rows.values[rows.buyers][:, columns], labels[rows.buyers]
    among = naming.profiles(values, comparable(values, [features[i] for i in columns]), theirs, groups)
    for whole, part in zip(found, among, strict=True):
        whole.mean[columns], whole.difference[columns] = (
            (part.mean, part.difference) if part.size else (np.nan, 0.0)
        )
        whole.overall[columns] = part.overall
    return found


def plain_values(rows: CustomerFeatures, keys: list[str]) -> NDArray[np.float64]:
    """n x len(keys) in their own units, of money nobody more than what is usual."""
    return np.column_stack(
        [
            _without_giants(rows.column(key)) if BY_KEY[key].unit == "money" else rows.column(key)
            for key in keys
        ]
    )


def _without_giants(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(amounts, outer_fence(amounts))


def _in_means_of_money(
    found: list[naming.Profile], rows: CustomerFeatures, features: list[Feature], labels: NDArray[np.int64]
) -> None:
    """In means of money nobody counts for more than what is usual (see `scaling.outer_fence`): one giant
    customer would make everybody else poor."""
    columns = [i for i, feature in enumerate(features) if feature.unit == "money"]
    capped = plain_values(rows, [features[i].key for i in columns])
    for whole, part in zip(
        found, naming.profiles(capped, np.zeros_like(capped), labels, len(found)), strict=True
    ):
        whole.mean[columns], whole.overall[columns] = part.mean, part.overall


def comparable(values: NDArray[np.float64], features: list[Feature]) -> NDArray[np.float64]:
    """All features with unit variance (zeros for constant ones), for differences that can be compared with
    each other."""
    scaled = np.zeros_like(values)
    try:
        scaler = Scaler.fit(values, np.array([feature.skewed for feature in features]))
    except ValueError:
        return scaled
    scaled[:, scaler.kept] = scaler.transform(values)
    return scaled


def forget_old_members() -> None:
    """Runs older than the last RUNS_KEPT of their method and topic, and proposals that nobody accepted, lose
    their members; the snapshots stay as history."""
    needed = {
        *PublishedRun.objects.values_list("run_id", flat=True),
        *Proposal.objects.pending().values_list("run_id", flat=True),
    }
    for method, topic in SegmentRun.objects.order_by().values_list("method", "topic").distinct():
        adopted = SegmentRun.objects.adopted().filter(method=method, topic=topic).order_by("-published_at")
        needed.update(adopted.values_list("pk", flat=True)[:RUNS_KEPT])
    members = Exists(Membership.objects.filter(run=OuterRef("pk")))
    forgotten = list(SegmentRun.objects.filter(members).exclude(pk__in=needed).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for table in (Membership._meta.db_table, StoredFeatures._meta.db_table) if forgotten else ():
            cursor.execute(f"DELETE FROM {table} WHERE run_id = ANY(%s)", [forgotten])  # noqa: S608 - our own table names
