"""Grouping customers another way: by a method, features and a number of groups that somebody chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from backoffice.errors import Refused, require
from backoffice.jobs import Progress, silent
from backoffice.models import User
from backoffice.titles import clean_title
from profiles.algorithms.scaling import Scaler
from profiles.datasets.features import BY_KEY, SHARE, CustomerFeatures, all_features, customer_features
from segments.actions.names import kind_name, name_groups
from segments.actions.plans import PERMISSION, count_buyers, run_each, save_plan, withdraw
from segments.actions.refresh import FEWEST_BUYERS
from segments.actions.runs import FoundGroups, map_of_customers, publish
from segments.algorithms.descriptions import describe_groups
from segments.algorithms.methods import METHODS, FactorGroups, GroupingMethod, MixtureGroups
from segments.algorithms.methods.factors import strongest_features
from segments.datasets.scaled_features import plain_values
from segments.models import (
    NO_PURCHASE,
    Certainty,
    Factors,
    GroupingPlan,
    GroupLabel,
    Method,
    PlannedGroups,
    RunPicture,
    SegmentName,
    SegmentRun,
    SegmentSlug,
    StoredEstimator,
)
from segments.number_of_groups import NumberOfGroups
from shop.calendar import facts_until

UNSURE = 0.8  # a customer whose likeliest group is less likely than this lies between groups


def plan_grouping(
    *, title: str, method: str, features: list[str], groups: int | None, by: User
) -> GroupingPlan:
    """Save another way of grouping. `groups` None: the number is found from the data. Raises Refused, also
    where there are too few buyers to group: nobody has to wait for a job to learn that."""
    known = {feature.key for feature in all_features()}
    if method not in GroupingPlan.METHODS:
        raise Refused(_("Choose one of the methods."), field="method")
    if len(features) < 2 or not set(features) <= known:
        raise Refused(_("Choose at least two features from the list."), field="features")
    if groups is not None and not 2 <= groups <= 10:
        raise Refused(_("Choose between 2 and 10 groups, or leave the number to the data."), field="groups")
    require(by, PERMISSION)
    title = clean_title(title)
    _expect_enough(count_buyers(FEWEST_BUYERS))
    plan = GroupingPlan(title=title, method=method, features=list(dict.fromkeys(features)), groups=groups)
    save_plan(plan, by=by, verb="grouping.create", method=method, features=plan.features, groups=groups)
    return plan


def _expect_enough(buyers: int) -> None:
    if buyers < FEWEST_BUYERS:
        raise Refused(
            _(
                "Grouping needs at least %(needed)d customers with an order; there are %(found)d. Import "
                "more orders first."
            )
            % {"needed": FEWEST_BUYERS, "found": buyers}
        )


def withdraw_grouping(*, plan: GroupingPlan, by: User) -> None:
    withdraw(plan, by=by, verb="grouping.withdraw")


def group_customers(
    *,
    plan_id: int,
    as_of: datetime | None = None,
    seed: int = 0,
    fresh: bool = False,
    progress: Progress = silent,
) -> SegmentRun:
    """Group all buyers as the plan says and publish the groups under its topic.

    The estimator of the run in force is kept, so that a group means the same tomorrow; with `fresh` it is
    fitted anew. The same facts and seed give the same result. Raises Refused when there is too little to
    group.
    """
    plan = GroupingPlan.objects.get(pk=plan_id)
    as_of = as_of or facts_until()
    progress(0, 4, gettext_noop("Reading orders and visits"))
    known = customer_features(as_of=as_of)
    _expect_enough(int(known.buyers.sum()))
    progress(1, 4, gettext_noop("Grouping everybody"))
    previous = None if fresh else SegmentRun.objects.published(plan.method, plan.topic)
    buyers = known.only(known.buyers)
    fitted = _continue(plan, buyers, previous) if previous else _fit(plan, buyers, seed)
    progress(3, 4, gettext_noop("Saving and publishing"))
    (run,) = publish([_found_groups(plan, known, fitted, seed)], known, as_of=as_of, seed=seed)
    progress(4, 4)
    return run


def group_all(*, progress: Progress = silent) -> dict[str, str]:
    """Refresh every grouping that is not withdrawn; what one refuses does not keep the next from its turn."""
    plans = list(GroupingPlan.objects.filter(active=True))
    return run_each(plans, lambda plan: group_customers(plan_id=plan.pk, progress=progress))


def _columns(known: CustomerFeatures, keys: list[str]) -> NDArray[np.float64]:
    absent = [key for key in keys if key not in known.keys]
    if absent and absent[0].startswith(SHARE):
        raise Refused(
            _("“%s” is no longer one of the shop's largest categories: plan the grouping anew without it.")
            % absent[0].removeprefix(SHARE)
        )
    if absent:
        raise Refused(
            _("The feature “%s” is no longer in use: bring it back or plan the grouping anew.")
            % BY_KEY[absent[0]].title
        )
    return np.column_stack([known.column(key) for key in keys])


@dataclass(frozen=True)
class FittedGroups:
    """A fitted method on the scaled points of all buyers. `labels`: of each group, in the order of its
    positions."""

    method: GroupingMethod
    points: NDArray[np.float64]
    estimator: StoredEstimator
    number_of_groups: NumberOfGroups | None
    labels: Sequence[GroupLabel]


def _fit(plan: GroupingPlan, buyers: CustomerFeatures, seed: int) -> FittedGroups:
    values = _columns(buyers, plan.features)
    try:
        scaler = _scaler(values, plan.features)
        points = scaler.transform(values)
        method = METHODS[plan.method](plan.groups).fit(points, seed)
    except ValueError:
        raise Refused(
            _(
                "Customers differ too little in these features to form the groups: choose other features or "
                "fewer groups."
            )
        ) from None
    kept = [plan.features[column] for column in scaler.kept]
    described = points.copy()
    if "female" in kept:  # a share is read as it is
        described[:, kept.index("female")] = buyers.column("female")
    labels = _labels(plan, buyers, described, method.assign(points), kept)
    estimator = StoredEstimator(
        keys=tuple(plan.features),
        kept=tuple(kept),
        scaler=scaler.stored(),
        planned=PlannedGroups(plan.method, method.stored(), tuple(labels)),
    )
    return FittedGroups(method, points, estimator, method.selection, labels)


def _scaler(values: NDArray[np.float64], keys: list[str]) -> Scaler:
    """Every feature weighs alike, but for answers of yes or no: they weigh half, or they would cut every
    group in two."""
    scaler = Scaler.fit(values, np.array([BY_KEY[key].skewed for key in keys]))
    yes_no = np.array([BY_KEY[keys[column]].yes_no for column in scaler.kept])
    return replace(scaler, deviation=np.where(yes_no, 2 * scaler.deviation, scaler.deviation))


def _continue(plan: GroupingPlan, buyers: CustomerFeatures, previous: SegmentRun) -> FittedGroups:
    estimator = previous.estimator
    if estimator.planned is None:
        raise ValueError(f"{previous} is not a run of a grouping plan")
    points = Scaler.from_stored(estimator.scaler).transform(_columns(buyers, plan.features))
    method = METHODS[plan.method].from_stored(estimator.planned.fitted)
    labels = [
        GroupLabel(label.slug, SegmentName.parse(label.name_key).within(plan.title).key)
        for label in estimator.planned.labels
    ]
    return FittedGroups(method, points, estimator, previous.number_of_groups, labels)


def _label(plan: GroupingPlan, kind: str, name: SegmentName) -> GroupLabel:
    return GroupLabel(str(SegmentSlug(kind, topic=plan.topic)), name.within(plan.title).key)


def _found_groups(
    plan: GroupingPlan, known: CustomerFeatures, fitted: FittedGroups, seed: int
) -> FoundGroups:
    own, kept = fitted.method.assign(fitted.points), fitted.estimator.kept
    positions = np.full(len(known.ids), len(fitted.labels))
    positions[known.buyers] = own
    never_bought = [] if known.buyers.all() else [_label(plan, NO_PURCHASE, kind_name(NO_PURCHASE))]
    picture = RunPicture(
        map=map_of_customers(fitted.points, kept, own, known.only(known.buyers), seed),
        factors=_factors(fitted.method, kept),
        certainty=_certainty(fitted.method, fitted.points),
    )
    return FoundGroups(
        Method(plan.method),
        [*fitted.labels, *never_bought],
        positions,
        fitted.estimator,
        number_of_groups=fitted.number_of_groups,
        picture=picture,
        topic=plan.topic,
    )


def _factors(method: GroupingMethod, kept: Sequence[str]) -> Factors | None:
    if not isinstance(method, FactorGroups):
        return None
    return Factors(
        features=tuple(kept),
        loadings=tuple(map(tuple, method.loadings_.round(3).tolist())),
        names=tuple(tuple(kept[i] for i in strongest) for strongest in strongest_features(method.loadings_)),
    )


def _certainty(method: GroupingMethod, points: NDArray[np.float64]) -> Certainty | None:
    if not isinstance(method, MixtureGroups):
        return None
    surest = method.probabilities(points).max(axis=1)
    histogram = np.histogram(surest, bins=10, range=(0, 1))[0]
    return Certainty(float((surest < UNSURE).mean()), tuple(histogram.tolist()))


def _labels(
    plan: GroupingPlan,
    buyers: CustomerFeatures,
    points: NDArray[np.float64],
    positions: NDArray[np.int64],
    kept: list[str],
) -> list[GroupLabel]:
    """Who they are where age or gender tells the groups apart, else what `name_groups` finds."""
    groups = int(positions.max()) + 1
    described = describe_groups(points, plain_values(buyers, kept), positions, groups, kept)
    names = name_groups(buyers, positions, range(groups), used=kept, taken=set())
    labels = []
    for words, name in zip(described, names, strict=True):
        if words not in {(), ("buyers",)} and described.count(words) == 1:
            labels.append(_label(plan, SegmentName(words).kind, SegmentName(words)))
        else:
            labels.append(_label(plan, name.kind, name.name))
    return labels
