"""Groups by behaviour (k-means): found anew, continued from run to run, or challenged by a cold start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from backoffice.errors import Refused
from backoffice.fields import from_json
from backoffice.jobs import Progress
from profiles.algorithms.scaling import Scaler
from profiles.datasets.arrivals import arrivals
from profiles.datasets.features import BY_KEY, CustomerFeatures
from segments.actions.drift import Observation, measure, reference_of
from segments.actions.names import kind_name, name_groups
from segments.actions.runs import FoundGroups, map_of_customers
from segments.algorithms import archetypes, clustering
from segments.algorithms.clustering import Clustering
from segments.algorithms.drift import noise
from segments.algorithms.surrogate import surrogate
from segments.datasets.memberships import groups_of
from segments.models import (
    NO_PURCHASE,
    BehaviourGroups,
    DriftReference,
    GroupLabel,
    Hysteresis,
    Method,
    RunPicture,
    Segment,
    SegmentRun,
    SegmentSlug,
    StoredEstimator,
    SurrogateRules,
)
from segments.number_of_groups import NumberOfGroups
from segments.presenters.wording import WORDS

KS = range(2, 11)


@dataclass(frozen=True)
class FeatureSpace:
    """The buyers as points: `points` is n x len(kept), scaled; `keys` are the features read, `kept` those
    that vary."""

    known: CustomerFeatures
    buyers: CustomerFeatures
    keys: list[str]
    scaler: Scaler
    points: NDArray[np.float64]

    @property
    def kept(self) -> list[str]:
        return [self.keys[column] for column in self.scaler.kept]


@dataclass(frozen=True)
class CurrentGroups:
    """The groups in force: `labels` in the order of `centres`; `former`: the position of each buyer's group
    in the run in force, -1 for none."""

    run: SegmentRun
    space: FeatureSpace
    labels: Sequence[GroupLabel]
    centres: NDArray[np.float64]
    former: NDArray[np.int64]


def current_groups(known: CustomerFeatures) -> CurrentGroups | None:
    """The groups in force on today's customers, in their frozen scale; None when there are none that today's
    features continue, or when none of their customers is left."""
    run = SegmentRun.objects.published(Method.KMEANS)
    if run is None or run.estimator.behaviour is None or not set(run.estimator.keys) <= set(known.keys):
        return None
    space = _space(known, list(run.estimator.keys), Scaler.from_stored(run.estimator.scaler))
    behaviour = run.estimator.behaviour
    former = _positions(run, behaviour.slugs, space.buyers.ids)
    if not (former >= 0).any():
        return None
    return CurrentGroups(run, space, _labels(behaviour.slugs), np.array(behaviour.centres), former)


def continue_groups(before: CurrentGroups, as_of: datetime, seed: int) -> tuple[FoundGroups, Clustering]:
    """Yesterday's groups with today's figures: warm-started centres, and nobody moves for a trifle (see
    `clustering.settle`)."""
    found = clustering.recluster(before.space.points, before.centres)
    settled = clustering.settle(before.space.points, found, before.former)
    stayers = before.former >= 0
    observed = Observation(
        as_of,
        before.space.buyers,
        before.space.buyers.quality,
        _shares(settled.labels, before.labels),
        float((settled.labels != before.former)[stayers].mean()) if stayers.any() else 0.0,
        as_of - before.run.as_of,
        arrivals(as_of=as_of),
    )
    groups = _found_groups(
        before.space,
        found,
        positions=settled.labels,
        labels=before.labels,
        number_of_groups=before.run.number_of_groups,
        seed=seed,
        hysteresis=Hysteresis(settled.margin, settled.stayed, settled.cost),
    )
    birth = before.run.birth
    reference = birth.estimator.behaviour and birth.estimator.behaviour.reference
    drift = measure(birth, reference, observed) if reference else None
    return replace(groups, generation=birth, drift=drift), found


def challenge(before: CurrentGroups, found: Clustering, as_of: datetime, seed: int) -> FoundGroups | None:
    """A cold start with as many groups in the same scale, when it is clearly better than `found`."""
    cold = clustering.challenger(before.space.points, found, seed)
    if cold is None:
        return None
    labels = _identify(before.space, cold, before.former, before.labels)
    return _first_of_generation(
        before.space,
        cold,
        labels=labels,
        number_of_groups=before.run.number_of_groups,
        as_of=as_of,
        seed=seed,
    )


def find_groups(
    known: CustomerFeatures, k: int | None, *, as_of: datetime, seed: int, progress: Progress
) -> FoundGroups:
    """Groups found anew, in a scale of today: `k` of them, or as many as are stable. Groups that overlap with
    those in force keep their identity. Raises Refused when there is nothing to tell customers apart by, or
    fewer different customers than `k`."""
    space = _fresh_space(known)
    number_of_groups, found = _choose_and_cluster(space.points, k, seed, progress)
    run = SegmentRun.objects.published(Method.KMEANS)
    old = _labels_of(run) if run else []
    former = (
        _positions(run, [label.slug for label in old], space.buyers.ids)
        if run
        else np.full(len(space.points), -1)
    )
    labels = _identify(space, found, former, old)
    return _first_of_generation(
        space, found, labels=labels, number_of_groups=number_of_groups, as_of=as_of, seed=seed
    )


def _labels_of(run: SegmentRun) -> list[GroupLabel]:
    snapshots = run.snapshots.exclude(segment__slug=NO_PURCHASE).order_by("position")
    return _labels(list(snapshots.values_list("segment__slug", flat=True)))


def _space(known: CustomerFeatures, keys: list[str], scaler: Scaler | None = None) -> FeatureSpace:
    buyers = known.only(known.buyers)
    values = np.column_stack([buyers.column(key) for key in keys])
    scaler = scaler or Scaler.fit(values, np.array([BY_KEY[key].skewed for key in keys]))
    return FeatureSpace(known, buyers, keys, scaler, scaler.transform(values))


def _fresh_space(known: CustomerFeatures) -> FeatureSpace:
    try:
        return _space(known, [key for key in known.keys if BY_KEY[key].clusters])
    except ValueError:
        raise _alike() from None


def _alike() -> Refused:
    return Refused(
        _("All customers look alike: there is nothing to group them by. Import more orders first.")
    )


def _positions(run: SegmentRun, slugs: Sequence[str], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The position in `slugs` of each customer's group in `run`, -1 for customers it has in none of them."""
    segments = dict(Segment.objects.filter(method=Method.KMEANS, slug__in=slugs).values_list("pk", "slug"))
    found, groups = np.full(len(ids), -1), groups_of(run, ids)
    for pk, slug in segments.items():
        found[groups == pk] = slugs.index(slug)
    return found


def _choose_and_cluster(
    points: NDArray[np.float64], k: int | None, seed: int, progress: Progress
) -> tuple[NumberOfGroups, Clustering]:
    step = gettext_noop("Choosing the number of groups")
    progress(1, 10, step)
    try:
        choice = clustering.choose_k(
            points, KS, seed, lambda done: progress(1 + round(6 * done / len(KS)), 10, step)
        )
    except ValueError:
        raise _alike() from None
    if k and k not in [candidate.k for candidate in choice.candidates]:
        raise Refused(
            _("There are fewer than %d different customers: choose a smaller number of groups.") % k
        )
    progress(7, 10, gettext_noop("Grouping everybody"))
    chosen = replace(choice.number_of_groups(), k=k or choice.k, suggested=choice.k)
    return chosen, clustering.cluster(points, chosen.k, seed)


def _identify(
    space: FeatureSpace, found: Clustering, former: NDArray[np.int64], old: Sequence[GroupLabel]
) -> list[GroupLabel]:
    """The label of each group, in their order. It is kept when most of the group was one group before
    (Jaccard index at least .5), else it is new and of a kind that is free (see `name_groups`)."""
    grouped = former >= 0
    same = archetypes.match_groups(former[grouped], found.labels[grouped]) if grouped.any() else {}
    kept = {new: old[before] for new, before in same.items()}
    fresh = [group for group in range(len(found.centres)) if group not in kept]
    taken = {SegmentSlug.parse(label.slug).kind for label in kept.values()}
    names = name_groups(space.buyers, found.labels, fresh, used=space.kept, taken=taken) if fresh else []
    born = {
        group: GroupLabel(str(_new_slug(name.kind)), name.name.key)
        for group, name in zip(fresh, names, strict=True)
    }
    return [born.get(group) or kept[group] for group in range(len(found.centres))]


def _labels(slugs: Sequence[str]) -> list[GroupLabel]:
    """The labels of groups that there are."""
    known = dict(Segment.objects.filter(method=Method.KMEANS, slug__in=slugs).values_list("slug", "name_key"))
    kinds = {slug: SegmentSlug.parse(slug).kind for slug in slugs}
    return [
        GroupLabel(slug, kind_name(kinds[slug]).key if kinds[slug] in WORDS else known[slug])
        for slug in slugs
    ]


def _new_slug(kind: str) -> SegmentSlug:
    """A slug that no group has had: an identity is never given to other customers later."""
    slugs = map(
        SegmentSlug.parse, Segment.objects.filter(method=Method.KMEANS).values_list("slug", flat=True)
    )
    return SegmentSlug(kind, number=1 + sum(slug.kind == kind for slug in slugs))


def _first_of_generation(
    space: FeatureSpace,
    found: Clustering,
    *,
    labels: Sequence[GroupLabel],
    number_of_groups: NumberOfGroups | None,
    as_of: datetime,
    seed: int,
) -> FoundGroups:
    """With the first run of a generation goes what later ones are compared with."""
    reference = reference_of(
        space.buyers,
        _shares(found.labels, labels),
        noise(space.points, found.centres, seed),
        arrivals(as_of=as_of),
    )
    return _found_groups(
        space,
        found,
        positions=found.labels,
        labels=labels,
        number_of_groups=number_of_groups,
        seed=seed,
        reference=reference,
    )


def _shares(positions: NDArray[np.int64], labels: Sequence[GroupLabel]) -> dict[str, float]:
    shares = np.bincount(positions, minlength=len(labels)) / len(positions)
    return dict(zip([label.slug for label in labels], shares.tolist(), strict=True))


def _found_groups(
    space: FeatureSpace,
    found: Clustering,
    *,
    positions: NDArray[np.int64],
    labels: Sequence[GroupLabel],
    number_of_groups: NumberOfGroups | None,
    seed: int,
    hysteresis: Hysteresis | None = None,
    reference: DriftReference | None = None,
) -> FoundGroups:
    """`positions` are the buyers' groups in `labels`; who never bought is a group of its own."""
    values = np.column_stack([space.buyers.column(key) for key in space.keys])
    estimator = StoredEstimator(
        keys=tuple(space.keys),
        kept=tuple(space.kept),
        scaler=space.scaler.stored(),
        behaviour=BehaviourGroups(
            slugs=tuple(label.slug for label in labels),
            centres=tuple(map(tuple, found.centres.tolist())),
            inertia=found.inertia,
            hysteresis=hysteresis,
            reference=reference,
        ),
        surrogate=from_json(SurrogateRules, surrogate(values, positions, len(labels), seed).as_json()),
    )
    everybody = np.full(len(space.known.ids), len(labels))
    everybody[space.known.buyers] = positions
    never_bought = [] if space.known.buyers.all() else [GroupLabel(NO_PURCHASE, kind_name(NO_PURCHASE).key)]
    return FoundGroups(
        Method.KMEANS,
        [*labels, *never_bought],
        everybody,
        estimator,
        number_of_groups=number_of_groups,
        picture=RunPicture(map=map_of_customers(space.points, space.kept, positions, space.buyers, seed)),
    )
