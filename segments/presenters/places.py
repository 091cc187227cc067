"""Why a customer is in a segment, in the customer's own figures: the words of the customer page and of the
API."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backoffice.templatetags.formats import percent
from profiles.datasets.features import BY_KEY
from profiles.datasets.recorded import recorded_values
from profiles.presenters.features import in_unit, not_known, own_against_average
from segments.models import (
    CustomerFeatures,
    Membership,
    Method,
    Rule,
    RuleMember,
    Segment,
    SegmentRun,
    SegmentSnapshot,
)
from segments.presenters.reasons import Rivalry, against_rival, certainty, decisive_features
from segments.presenters.rfm_scores import scores_told
from segments.rules.reasons import reasons_for
from segments.rules.tree import read_stored
from segments.rules.wording import Speaker
from shop.calendar import present


@dataclass(frozen=True)
class Place:
    """A segment that a customer is in. `as_of`: the facts until then put the customer there; `since`: of a
    rule, when they came."""

    segment: Segment
    as_of: datetime | None
    since: datetime | None
    reasons: list[str]


def places_by_rule(customer: int) -> list[Place]:
    """The segments by rule, with the conditions that hold."""
    since = dict(RuleMember.objects.filter(customer=customer).values_list("segment_id", "since"))
    rules = list(Rule.objects.in_force().filter(segment__in=since).order_by("segment__pk"))
    trees = [read_stored(rule.tree) for rule in rules]
    speaker, now = Speaker(trees), present()
    return [
        Place(
            rule.segment,
            rule.evaluated_at,
            since[rule.segment_id],
            reasons_for(customer, tree, speaker, as_of=now),
        )
        for rule, tree in zip(rules, trees, strict=True)
    ]


def places_by_method(customer: int) -> list[Place]:
    """The groups that a method found, the nightly ones first, with the figures that decided for them rather
    than for the next best ones."""
    memberships = Membership.objects.in_force().filter(customer_id=customer).select_related("segment", "run")
    known = _known(customer)
    return [
        Place(one.segment, one.run.as_of, None, _reasons(one, known) if known else [])
        for one in memberships.order_by("run__topic", "run__method")
    ]


@dataclass(frozen=True)
class Known:
    """What the nightly run knew of a customer: the figures in their own units, and which of them it filled in
    for want of any."""

    run: SegmentRun
    figures: Mapping[str, float]
    filled: frozenset[str]


def _known(customer: int) -> Known | None:
    stored = (
        CustomerFeatures.objects.filter(run__published_for__method=Method.KMEANS, customer_id=customer)
        .select_related("run")
        .first()
    )
    if stored is None:
        return None
    figures = dict(zip(stored.run.estimator["features"], stored.values, strict=True))
    return Known(stored.run, figures, _filled(customer, stored.run, figures))


def _filled(customer: int, run: SegmentRun, figures: Mapping[str, float]) -> frozenset[str]:
    """The figures that equal what gaps were filled with and are not what is recorded: somebody may well be of
    the average age."""
    gaps = run.quality.get("gaps", {})
    doubtful = [
        key for key, value in figures.items() if key in gaps and math.isclose(value, gaps[key]["filled_with"])
    ]
    recorded = recorded_values(customer, doubtful, as_of=run.as_of)
    return frozenset(key for key in doubtful if not math.isclose(recorded.get(key, math.nan), figures[key]))


def _reasons(membership: Membership, known: Known) -> list[str]:
    """Strongest first; what is not known of the customer comes last and says so."""
    run = membership.run
    if run.method == Method.RFM and (told := scores_told(run, known.figures, membership.segment)):
        return told
    snapshot = SegmentSnapshot.objects.get(run=run, segment=membership.segment)
    average = {row["feature"]: row for row in snapshot.profile["features"]}
    keys = [
        key
        for key in decisive_features(run, known.figures, snapshot.position)
        if key in known.figures and key in average
    ]
    reasons = [
        not_known(key)
        if key in known.filled
        else own_against_average(
            average[key] | {"mean": known.figures[key]},
            run.currency,
            as_of=known.run.as_of,
            buyers=run.of_buyers,
        )
        for key in sorted(keys, key=lambda key: key in known.filled)
    ]
    if rivalry := against_rival(run, known.figures, snapshot.position):
        reasons += _rivalry(run, rivalry, known)
    sure = certainty(run, known.figures)
    return (
        reasons if sure is None else [_("Belongs here with a probability of %s.") % percent(sure), *reasons]
    )


def _rivalry(run: SegmentRun, found: Rivalry, known: Known) -> list[str]:
    """For example: Rather than in “New customers”, the next best group, for: Orders 12 (there 1.4). Nothing
    of a group that waits for customers."""
    other = run.snapshots.select_related("segment").filter(position=found.position).first()
    if other is None:
        return []
    name = other.segment.short_name
    if found.nearer:
        return [_("“%s” is nearer by a trifle: the customer stayed, as nobody moves for so little.") % name]
    there = {row["feature"]: row["mean"] for row in other.profile["features"]}
    told = [
        _("%(feature)s %(value)s (there %(there)s)")
        % {
            "feature": BY_KEY[key].title,
            "value": in_unit(BY_KEY[key], known.figures[key], run.currency),
            "there": in_unit(BY_KEY[key], there[key], run.currency),
        }
        for key in found.features
        if key in there
    ]
    return [
        _("Rather than in “%(name)s”, the next best group, for: %(features)s.")
        % {"name": name, "features": pgettext("between two values", ", ").join(told)}
    ]
