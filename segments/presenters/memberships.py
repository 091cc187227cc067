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
from profiles.datasets.recorded_values import recorded_values
from profiles.presenters.features import in_unit, not_known, own_against_average
from segments.models import (
    FeatureSnapshot,
    Membership,
    Method,
    Rule,
    RuleMember,
    Segment,
    SegmentRun,
    SegmentSnapshot,
)
from segments.presenters.decisive_features import RunnerUp, certainty, decisive_features, runner_up
from segments.presenters.rfm import scores_in_words
from segments.rules.reasons import reasons_for
from segments.rules.tree import parse_stored
from segments.rules.wording import RuleWording
from shop.calendar import present


@dataclass(frozen=True)
class CustomerSegment:
    """A segment that a customer is in, with the reasons. `as_of`: the moment of the facts behind it; `since`:
    of a rule, when the customer joined."""

    segment: Segment
    as_of: datetime | None
    since: datetime | None
    reasons: list[str]


def memberships_by_rule(customer: int) -> list[CustomerSegment]:
    """The segments by rule, with the conditions that hold."""
    since = dict(RuleMember.objects.filter(customer=customer).values_list("segment_id", "since"))
    rules = list(Rule.objects.in_force().filter(segment__in=since).order_by("segment__pk"))
    trees = [parse_stored(rule.tree) for rule in rules]
    wording, now = RuleWording(trees), present()
    return [
        CustomerSegment(
            rule.segment,
            rule.evaluated_at,
            since[rule.segment_id],
            reasons_for(customer, tree, wording, as_of=now),
        )
        for rule, tree in zip(rules, trees, strict=True)
    ]


def memberships_by_method(customer: int) -> list[CustomerSegment]:
    """The groups that a method found, the nightly ones first, with the figures that decided for them rather
    than for the next best ones."""
    memberships = Membership.objects.in_force().filter(customer_id=customer).select_related("segment", "run")
    known = _known_figures(customer)
    return [
        CustomerSegment(
            membership.segment, membership.run.as_of, None, _reasons(membership, known) if known else []
        )
        for membership in memberships.order_by("run__topic", "run__method")
    ]


@dataclass(frozen=True)
class KnownFigures:
    """What the nightly run knew of a customer: the figures in their own units, and which of them it filled in
    for want of any."""

    run: SegmentRun
    figures: Mapping[str, float]
    filled: frozenset[str]


def _known_figures(customer: int) -> KnownFigures | None:
    stored = (
        FeatureSnapshot.objects.filter(
            run__in_force=True, run__method=Method.KMEANS, run__topic="", customer_id=customer
        )
        .select_related("run")
        .first()
    )
    if stored is None:
        return None
    figures = dict(zip(stored.run.estimator.features, stored.values, strict=True))
    return KnownFigures(stored.run, figures, _filled(customer, stored.run, figures))


def _filled(customer: int, run: SegmentRun, figures: Mapping[str, float]) -> frozenset[str]:
    """The figures that equal what gaps were filled with and are not what is recorded: somebody may well be of
    the average age."""
    gaps = run.quality.gaps
    doubtful = [
        key for key, value in figures.items() if key in gaps and math.isclose(value, gaps[key].filled_with)
    ]
    recorded = recorded_values(customer, doubtful, as_of=run.as_of)
    return frozenset(key for key in doubtful if not math.isclose(recorded.get(key, math.nan), figures[key]))


def _reasons(membership: Membership, known: KnownFigures) -> list[str]:
    """Strongest first; what is not known of the customer comes last and says so."""
    run = membership.run
    if run.method == Method.RFM and (scores := scores_in_words(run, known.figures, membership.segment)):
        return scores
    snapshot = SegmentSnapshot.objects.get(run=run, segment=membership.segment)
    average = snapshot.profile.by_feature()
    keys = [
        key
        for key in decisive_features(run, known.figures, snapshot.position)
        if key in known.figures and key in average
    ]
    reasons = [
        not_known(key)
        if key in known.filled
        else own_against_average(
            key,
            known.figures[key],
            average[key].overall,
            run.currency,
            as_of=known.run.as_of,
            buyers=run.of_buyers,
        )
        for key in sorted(keys, key=lambda key: key in known.filled)
    ]
    if second := runner_up(run, known.figures, snapshot.position):
        reasons += _against(run, second, known)
    sure = certainty(run, known.figures)
    return (
        reasons if sure is None else [_("Belongs here with a probability of %s.") % percent(sure), *reasons]
    )


def _against(run: SegmentRun, second: RunnerUp, known: KnownFigures) -> list[str]:
    """For example: Rather than in “New customers”, the next best group, for: Orders 12 (there 1.4). Nothing
    of a group that waits for customers."""
    other = run.snapshots.select_related("segment").filter(position=second.position).first()
    if other is None:
        return []
    name = other.segment.short_name
    if second.nearer:
        return [_("“%s” is nearer by a trifle: the customer stayed, as nobody moves for so little.") % name]
    there = other.profile.by_feature()
    compared = [
        _("%(feature)s %(value)s (there %(there)s)")
        % {
            "feature": BY_KEY[key].title,
            "value": in_unit(BY_KEY[key], known.figures[key], run.currency),
            "there": in_unit(BY_KEY[key], there[key].mean, run.currency),
        }
        for key in second.features
        if key in there
    ]
    return [
        _("Rather than in “%(name)s”, the next best group, for: %(features)s.")
        % {"name": name, "features": pgettext("between two values", ", ").join(compared)}
    ]
