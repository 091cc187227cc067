"""Grouping customers another way: by a method, features and a number of groups that somebody chose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

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
from segments.actions import asking
from segments.actions.publishing import NO_PURCHASE, Grouping, map_of_customers, plain_values, publish
from segments.actions.refresh import FEWEST_BUYERS
from segments.actions.words import call_groups
from segments.algorithms.describing import describe_groups
from segments.algorithms.methods import METHODS, FactorGroups, GroupingMethod, MixtureGroups
from segments.algorithms.methods.factors import strongest_features
from segments.models import GroupingPlan, Method, Segment, SegmentRun
from segments.presenters.wording import WORDS
from shop.calendar import facts_until

LONGEST_NAME = Segment._meta.get_field("name_key").max_length or 0
UNSURE = 0.8  # a customer whose likeliest group is less likely than this lies between groups


def plan_grouping(
    *, title: str, method: str, features: list[str], groups: int | None, by: User
) -> GroupingPlan:
    """Write down another way of grouping. `groups` None: the number is found from the data. Raises Refused,
    also where there are too few buyers to group: nobody shall wait for a job to hear that."""
    known = {feature.key for feature in all_features()}
    if method not in GroupingPlan.METHODS:
        raise Refused(_("Choose one of the methods."), field="method")
    if len(features) < 2 or not set(features) <= known:
        raise Refused(_("Choose at least two features from the list."), field="features")
    if groups is not None and not 2 <= groups <= 10:
        raise Refused(_("Choose between 2 and 10 groups, or leave the number to the data."), field="groups")
    require(by, asking.PERMISSION)
    title = clean_title(title)
    _expect_enough(asking.buyers_found(FEWEST_BUYERS))
    plan = GroupingPlan(title=title, method=method, features=list(dict.fromkeys(features)), groups=groups)
    asking.keep(plan, by=by, verb="grouping.create", method=method, features=plan.features, groups=groups)
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


def withdraw_plan(*, plan: GroupingPlan, by: User) -> None:
    asking.withdraw(plan, by=by, verb="grouping.withdraw")


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
    found = _continue(plan, buyers, previous) if previous else _find(plan, buyers, seed)
    progress(3, 4, gettext_noop("Saving and publishing"))
    (run,) = publish([_grouping(plan, known, found, seed)], known, as_of=as_of, seed=seed)
    progress(4, 4)
    return run


def group_all(*, progress: Progress = silent) -> dict[str, str]:
    """Refresh every grouping that is not withdrawn; what one refuses does not keep the next from its turn."""
    plans = list(GroupingPlan.objects.filter(active=True))
    return asking.each(plans, lambda plan: group_customers(plan_id=plan.pk, progress=progress))


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
class Found:
    """A fitted method on the scaled points of all buyers. `names`: slug -> message id of each group, in the
    order of the labels."""

    fitted: GroupingMethod
    points: NDArray[np.float64]
    estimator: dict[str, Any]
    selection: dict[str, Any]
    names: dict[str, str]


def _find(plan: GroupingPlan, buyers: CustomerFeatures, seed: int) -> Found:
    values = _columns(buyers, plan.features)
    try:
        scaler = _scaler(values, plan.features)
        points = scaler.transform(values)
        fitted = METHODS[plan.method](plan.groups).fit(points, seed)
    except ValueError:
        raise Refused(
            _(
                "Customers differ too little in these features to form the groups: choose other features or "
                "fewer groups."
            )
        ) from None
    kept = [plan.features[column] for column in scaler.kept]
    told_by = points.copy()
    if "female" in kept:  # a share is read as it is
        told_by[:, kept.index("female")] = buyers.column("female")
    names = _names(plan, buyers, told_by, fitted.assign(points), kept)
    estimator = {
        "keys": plan.features,
        "kept": kept,
        "scaler": scaler.as_json(),
        "method": plan.method,
        "fitted": fitted.as_json(),
        "names": [list(pair) for pair in names.items()],
    }
    return Found(fitted, points, estimator, fitted.selection, names)


def _scaler(values: NDArray[np.float64], keys: list[str]) -> Scaler:
    """Every feature weighs alike, but for answers of yes or no: they weigh half, or they would cut every
    group in two."""
    scaler = Scaler.fit(values, np.array([BY_KEY[key].skewed for key in keys]))
    yes_no = np.array([BY_KEY[keys[column]].yes_no for column in scaler.kept])
    return replace(scaler, deviation=np.where(yes_no, 2 * scaler.deviation, scaler.deviation))


def _continue(plan: GroupingPlan, buyers: CustomerFeatures, previous: SegmentRun) -> Found:
    estimator = {key: value for key, value in previous.estimator.items() if key != "features"}
    points = Scaler.from_json(estimator["scaler"]).transform(_columns(buyers, plan.features))
    fitted = METHODS[plan.method].from_json(estimator["fitted"])
    names = {slug: _of(plan, name.rpartition("::")[2]) for slug, name in estimator["names"]}
    return Found(fitted, points, estimator, previous.selection, names)


def _of(plan: GroupingPlan, words: str) -> str:
    """The message id of a group's name with the name of its grouping, cut to what fits beside the words."""
    most = LONGEST_NAME - len(words) - len("::")
    title = plan.title.replace("::", ":")
    return f"{title if len(title) <= most else title[: most - 1] + '…'}::{words}"


def _grouping(plan: GroupingPlan, known: CustomerFeatures, found: Found, seed: int) -> Grouping:
    own, kept, names = found.fitted.assign(found.points), found.estimator["kept"], dict(found.names)
    picture = map_of_customers(found.points, kept, own, known.only(known.buyers), seed)
    labels = np.full(len(known.ids), len(names))
    labels[known.buyers] = own
    if not known.buyers.all():
        names[f"{plan.topic}--{NO_PURCHASE}"] = _of(plan, WORDS[NO_PURCHASE][0])
    return Grouping(
        Method(plan.method),
        list(names),
        labels,
        found.estimator,
        found.selection,
        picture | _particulars(found.fitted, found.points, kept),
        topic=plan.topic,
        names=names,
    )


def _particulars(fitted: GroupingMethod, points: NDArray[np.float64], kept: list[str]) -> dict[str, Any]:
    """What only this method can show: the factors, or how many customers lie between groups."""
    if isinstance(fitted, FactorGroups):
        named = strongest_features(fitted.loadings_)
        loadings = fitted.loadings_.round(3).tolist()
        return {"loadings": loadings, "factors": [[kept[i] for i in one] for one in named], "features": kept}
    if isinstance(fitted, MixtureGroups):
        surest = fitted.probabilities(points).max(axis=1)
        return {
            "between": float((surest < UNSURE).mean()),
            "surest": np.histogram(surest, bins=10, range=(0, 1))[0].tolist(),
        }
    return {}


def _names(
    plan: GroupingPlan,
    buyers: CustomerFeatures,
    told_by: NDArray[np.float64],
    labels: NDArray[np.int64],
    kept: list[str],
) -> dict[str, str]:
    """slug -> message id: who they are where age or gender tells the groups apart, else what `call_groups`
    finds."""
    groups = int(labels.max()) + 1
    described = describe_groups(told_by, plain_values(buyers, kept), labels, groups, kept)
    called = call_groups(buyers, labels, range(groups), used=kept, taken=set())
    names = {}
    for words, other in zip(described, called, strict=True):
        told = words not in {(), ("buyers",)} and described.count(words) == 1
        names[f"{plan.topic}--{'-'.join(words) if told else other.word}"] = _of(
            plan, "|".join(words) if told else other.name
        )
    return names
