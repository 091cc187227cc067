"""Groups by behaviour (k-means): found anew, continued from run to run, or challenged by a cold start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from backoffice.errors import Refused
from backoffice.jobs import Progress
from profiles.algorithms.scaling import Scaler
from profiles.datasets.arrivals import arrivals
from profiles.datasets.features import BY_KEY, CustomerFeatures
from segments.actions.drift import Today, measure, reference_of
from segments.actions.publishing import NO_PURCHASE, Grouping, map_of_customers
from segments.actions.words import call_groups
from segments.algorithms import clustering, naming
from segments.algorithms.clustering import Clustering
from segments.algorithms.drift import noise
from segments.algorithms.surrogate import surrogate
from segments.datasets.memberships import groups_of
from segments.models import Method, Segment, SegmentRun
from segments.presenters.wording import WORDS

KS = range(2, 11)


@dataclass(frozen=True)
class Space:
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
class Held:
    """The groups in force: `slugs` in the order of `centres`; `former`: the position of each buyer's group in
    the run in force, -1 for none."""

    run: SegmentRun
    space: Space
    slugs: list[str]
    centres: NDArray[np.float64]
    former: NDArray[np.int64]


def held(known: CustomerFeatures) -> Held | None:
    """The groups in force on today's customers, in their frozen scale; None when there are none that today's
    features continue, or when none of their customers is left."""
    run = SegmentRun.objects.published(Method.KMEANS)
    if run is None or "slugs" not in run.estimator or not set(run.estimator["keys"]) <= set(known.keys):
        return None
    space = _space(known, run.estimator["keys"], Scaler.from_json(run.estimator["scaler"]))
    slugs = run.estimator["slugs"]
    former = _positions(run, slugs, space.buyers.ids)
    return (
        Held(run, space, slugs, np.array(run.estimator["centres"]), former) if (former >= 0).any() else None
    )


def continue_groups(before: Held, as_of: datetime, seed: int) -> tuple[Grouping, Clustering]:
    """Yesterday's groups with today's figures: warm-started centres, and nobody moves for a trifle (see
    `clustering.settle`)."""
    found = clustering.recluster(before.space.points, before.centres)
    settled = clustering.settle(before.space.points, found, before.former)
    stayers = before.former >= 0
    today = Today(
        as_of,
        before.space.buyers,
        _shares(settled.labels, before.slugs),
        float((settled.labels != before.former)[stayers].mean()) if stayers.any() else 0.0,
        as_of - before.run.as_of,
        arrivals(as_of=as_of),
    )
    grouping = _grouping(
        before.space,
        found,
        labels=settled.labels,
        names=_names(before.slugs),
        selection=before.run.selection,
        seed=seed,
        hysteresis={"margin": settled.margin, "stayed": settled.stayed, "cost": settled.cost},
    )
    return replace(grouping, generation=before.run.birth, drift=measure(before.run.birth, today)), found


def challenge(before: Held, found: Clustering, as_of: datetime, seed: int) -> Grouping | None:
    """A cold start with as many groups in the same scale, when it is clearly better than `found`."""
    cold = clustering.challenger(before.space.points, found, seed)
    if cold is None:
        return None
    names = _identify(before.space, cold, before.former, before.slugs)
    return _newborn(before.space, cold, names=names, selection=before.run.selection, as_of=as_of, seed=seed)


def find_groups(
    known: CustomerFeatures, k: int | None, *, as_of: datetime, seed: int, progress: Progress
) -> Grouping:
    """Groups found anew, in a scale of today: `k` of them, or as many as are stable. Groups that overlap with
    those in force keep their identity. Raises Refused when there is nothing to tell customers apart by, or
    fewer different customers than `k`."""
    space = _fresh_space(known)
    selection, found = _find(space.points, k, seed, progress)
    run = SegmentRun.objects.published(Method.KMEANS)
    old = (
        list(
            run.snapshots.exclude(segment__slug=NO_PURCHASE)
            .order_by("position")
            .values_list("segment__slug", flat=True)
        )
        if run
        else []
    )
    former = _positions(run, old, space.buyers.ids) if run else np.full(len(space.points), -1)
    names = _identify(space, found, former, old)
    return _newborn(space, found, names=names, selection=selection, as_of=as_of, seed=seed)


def _space(known: CustomerFeatures, keys: list[str], scaler: Scaler | None = None) -> Space:
    buyers = known.only(known.buyers)
    values = np.column_stack([buyers.column(key) for key in keys])
    scaler = scaler or Scaler.fit(values, np.array([BY_KEY[key].skewed for key in keys]))
    return Space(known, buyers, keys, scaler, scaler.transform(values))


def _fresh_space(known: CustomerFeatures) -> Space:
    try:
        return _space(known, [key for key in known.keys if BY_KEY[key].clusters])
    except ValueError:
        raise _alike() from None


def _alike() -> Refused:
    return Refused(
        _("All customers look alike: there is nothing to group them by. Import more orders first.")
    )


def _positions(run: SegmentRun, slugs: list[str], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The position in `slugs` of each customer's group in `run`, -1 for customers it has in none of them."""
    segments = dict(Segment.objects.filter(method=Method.KMEANS, slug__in=slugs).values_list("pk", "slug"))
    found, groups = np.full(len(ids), -1), groups_of(run, ids)
    for pk, slug in segments.items():
        found[groups == pk] = slugs.index(slug)
    return found


def _find(
    points: NDArray[np.float64], k: int | None, seed: int, progress: Progress
) -> tuple[dict[str, Any], Clustering]:
    step = gettext_noop("Choosing the number of groups")
    progress(1, 10, step)
    try:
        choice = clustering.choose_k(
            points, KS, seed, lambda done: progress(1 + round(6 * done / len(KS)), 10, step)
        )
    except ValueError:
        raise _alike() from None
    if k and k not in [one.k for one in choice.candidates]:
        raise Refused(
            _("There are fewer than %d different customers: choose a smaller number of groups.") % k
        )
    progress(7, 10, gettext_noop("Grouping everybody"))
    return choice.as_json() | {"k": k or choice.k, "suggested": choice.k}, clustering.cluster(
        points, k or choice.k, seed
    )


def _identify(space: Space, found: Clustering, former: NDArray[np.int64], old: list[str]) -> dict[str, str]:
    """The slug and the untranslated name of each group, in their order. The slug is kept when most of the
    group was one group before (Jaccard index at least .5), else it is new and for a word that is free (see
    `call_groups`)."""
    grouped = former >= 0
    same = naming.match_groups(former[grouped], found.labels[grouped]) if grouped.any() else {}
    kept = {new: old[before] for new, before in same.items()}
    fresh = [group for group in range(len(found.centres)) if group not in kept]
    taken = {word_of(slug) for slug in kept.values()}
    called = call_groups(space.buyers, found.labels, fresh, used=space.kept, taken=taken) if fresh else []
    names = _names(list(kept.values()))
    born = {group: (_new_slug(one.word), one.name) for group, one in zip(fresh, called, strict=True)}
    return dict(born.get(group) or (kept[group], names[kept[group]]) for group in range(len(found.centres)))


def _names(slugs: list[str]) -> dict[str, str]:
    """The untranslated names of groups that there are."""
    known = dict(Segment.objects.filter(method=Method.KMEANS, slug__in=slugs).values_list("slug", "name_key"))
    words = {slug: WORDS[word_of(slug)][0] for slug in slugs if word_of(slug) in WORDS}
    return {slug: words.get(slug) or known[slug] for slug in slugs}


def word_of(slug: str) -> str:
    """The word behind a slug: "2--champions" are champions too, of another generation."""
    return slug.rpartition("--")[2]


def _new_slug(word: str) -> str:
    """A slug that no group has had: an identity is never given to other customers later."""
    used = {
        slug
        for slug in Segment.objects.filter(method=Method.KMEANS).values_list("slug", flat=True)
        if word_of(slug) == word
    }
    return f"{len(used) + 1}--{word}" if used else word


def _newborn(
    space: Space,
    found: Clustering,
    *,
    names: dict[str, str],
    selection: dict[str, Any],
    as_of: datetime,
    seed: int,
) -> Grouping:
    """The first run of a generation: with it goes what later ones are compared with."""
    slugs = list(names)
    reference = reference_of(
        space.buyers,
        _shares(found.labels, slugs),
        noise(space.points, found.centres, seed),
        arrivals(as_of=as_of),
    )
    return _grouping(
        space, found, labels=found.labels, names=names, selection=selection, seed=seed, reference=reference
    )


def _shares(labels: NDArray[np.int64], slugs: list[str]) -> dict[str, float]:
    return dict(zip(slugs, (np.bincount(labels, minlength=len(slugs)) / len(labels)).tolist(), strict=True))


def _grouping(
    space: Space,
    found: Clustering,
    *,
    labels: NDArray[np.int64],
    names: dict[str, str],
    selection: dict[str, Any],
    seed: int,
    **more: Any,
) -> Grouping:
    """`labels` are the buyers' positions in `names`; who never bought is a group of its own."""
    slugs = list(names)
    values = np.column_stack([space.buyers.column(key) for key in space.keys])
    estimator = {
        "keys": space.keys,
        "kept": space.kept,
        "scaler": space.scaler.as_json(),
        "centres": found.centres.tolist(),
        "slugs": slugs,
        "inertia": found.inertia,
        "surrogate": surrogate(values, labels, len(slugs), seed).as_json(),
        **more,
    }
    everybody = np.full(len(space.known.ids), len(slugs))
    everybody[space.known.buyers] = labels
    every = slugs if space.known.buyers.all() else [*slugs, NO_PURCHASE]
    return Grouping(
        Method.KMEANS,
        every,
        everybody,
        estimator,
        selection,
        map_of_customers(space.points, space.kept, labels, space.buyers, seed),
        names=names | {NO_PURCHASE: WORDS[NO_PURCHASE][0]},
    )
