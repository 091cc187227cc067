"""Writing what a method found as a run, and putting it in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from backoffice.bulk_copy import write_arrays
from profiles.actions.features import review_features
from profiles.datasets.features import CustomerFeatures
from segments.actions.flows import count_flows
from segments.actions.pruning import forget_old_members
from segments.actions.rules.evaluation import follow_segments
from segments.actions.rules.locks import hold_members
from segments.actions.segments import free_colour
from segments.actions.snapshots import snapshots
from segments.algorithms import clustering
from segments.colours import NEUTRAL
from segments.datasets.feature_snapshots import feature_sample
from segments.models import (
    CustomerMap,
    Drift,
    FeatureSnapshot,
    GroupLabel,
    LearnedMetrics,
    Membership,
    Method,
    RunPicture,
    Segment,
    SegmentRun,
    SegmentSlug,
    SegmentSnapshot,
    StoredEstimator,
)
from segments.number_of_groups import NumberOfGroups

MAP_SAMPLE = 1_500
REVIEWED = 5_000  # customers, for what each feature is worth


@dataclass(frozen=True)
class FoundGroups:
    """What a method found. `labels`: for each customer the position of the group in `groups`, or -1 for none;
    `topic` tells apart runs of one method that answer different questions: each topic has a run in force of
    its own. `against_everybody`: profiles compare with all customers, not only with those who have a group.
    `generation`: the run whose groups these continue."""

    method: Method
    groups: Sequence[GroupLabel]
    labels: NDArray[np.int64]
    estimator: StoredEstimator
    number_of_groups: NumberOfGroups | None = None
    learned: LearnedMetrics | None = None
    picture: RunPicture = field(default_factory=RunPicture)
    topic: str = ""
    against_everybody: bool = False
    generation: SegmentRun | None = None
    drift: Drift | None = None


def publish(
    findings: Sequence[FoundGroups], known: CustomerFeatures, *, as_of: datetime, seed: int
) -> list[SegmentRun]:
    """Write a run for each of `findings` and put them all in force, in one transaction; old runs lose their
    members."""
    with transaction.atomic():
        runs = [write_run(found, known, as_of=as_of, seed=seed) for found in findings]
        for run in runs:
            put_in_force(run)
    forget_old_members()
    return runs


def put_in_force(run: SegmentRun) -> None:
    """Make `run` the one of its method and topic that pages show and campaigns use, count who moved since the
    one before, and bring the rules that refer to its groups up to date; in the caller's transaction."""
    before = SegmentRun.objects.published(run.method, run.topic)
    if before:
        run.groups_wanted = before.groups_wanted
        run.save(update_fields=["groups_wanted"])
    run.publish()
    if before:
        count_flows(before, run)
    if run.method == Method.KMEANS and not run.topic:
        _review_features(run)
    hold_members()
    changed = SegmentSnapshot.objects.filter(run__in=[run, before] if before else [run])
    follow_segments(changed.values_list("segment", flat=True), now=timezone.now())


def _review_features(run: SegmentRun) -> None:
    """The groups of the night decide what each feature is worth."""
    values, groups = feature_sample(run, REVIEWED)
    review_features(
        as_of=run.as_of,
        keys=list(run.estimator.features),
        values=values,
        groups=groups,
        customers=run.quality.people,
        never_bought=run.quality.never_bought,
        gaps=run.quality.gaps,
    )


def write_run(found: FoundGroups, known: CustomerFeatures, *, as_of: datetime, seed: int) -> SegmentRun:
    """Write the run, its snapshots and its members (by COPY) without putting it in force. Customers labelled
    -1 are left out."""
    grouped = found.labels >= 0
    rows, labels = known.only(grouped), found.labels[grouped]
    run = SegmentRun.objects.create(
        method=found.method,
        topic=found.topic,
        as_of=as_of,
        seed=seed,
        customers=len(rows.ids),
        currency=known.currency,
        quality=replace(known.quality, never_bought=int((~known.buyers).sum())),
        estimator=replace(found.estimator, features=tuple(known.keys)),
        number_of_groups=found.number_of_groups,
        learned=found.learned,
        picture=found.picture,
        generation=found.generation,
        drift=found.drift,
    )
    segments = [_segment(found, label, position) for position, label in enumerate(found.groups)]
    if found.against_everybody:
        others = np.where(grouped, found.labels, len(segments))
        SegmentSnapshot.objects.bulk_create(snapshots(run, segments, known, others))
    else:
        SegmentSnapshot.objects.bulk_create(snapshots(run, segments, rows, labels))
    write_arrays(
        Membership._meta.db_table,
        {
            "run_id": run.pk,
            "segment_id": np.array([segment.pk for segment in segments])[labels],
            "customer_id": rows.ids,
        },
    )
    if found.method == Method.KMEANS and not found.topic:
        write_arrays(
            FeatureSnapshot._meta.db_table,
            {"run_id": run.pk, "customer_id": rows.ids, "values": rows.values},
        )
    return run


def _segment(found: FoundGroups, label: GroupLabel, position: int) -> Segment:
    same_picture = Segment.objects.filter(method=found.method)
    if found.topic:
        same_picture = same_picture.filter(slug__in=[group.slug for group in found.groups])
    no_purchase = SegmentSlug.parse(label.slug).is_no_purchase
    colour = NEUTRAL if no_purchase else free_colour(same_picture, position)
    segment, new = Segment.objects.get_or_create(
        method=found.method, slug=label.slug, defaults={"name_key": label.name_key, "colour": colour}
    )
    if not new and segment.name_key != label.name_key:  # made when groups were named in another way
        segment.name_key = label.name_key
        segment.save(update_fields=["name_key"])
    return segment


def map_of_customers(
    points: NDArray[np.float64],
    kept: Sequence[str],
    labels: NDArray[np.int64],
    buyers: CustomerFeatures,
    seed: int,
) -> CustomerMap:
    """A sample of the customers on a plane, for the map of groups. `points`: n x len(kept), scaled."""
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(len(points), min(MAP_SAMPLE, len(points)), replace=False))
    plane = clustering.project(points[rows])
    return CustomerMap(
        axes=tuple(kept[column] for column in plane.axes),
        explained=plane.explained,
        x=tuple(plane.points[:, 0].round(3).tolist()),
        y=tuple(plane.points[:, 1].round(3).tolist()),
        groups=tuple(labels[rows].tolist()),
        orders=tuple(buyers.column("frequency")[rows].astype(int).tolist()),
        spent=tuple(buyers.column("monetary")[rows].round().astype(int).tolist()),
    )
