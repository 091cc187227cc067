"""Fragments of the customer page: the segments of one customer, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.pages import StaffRequest, staff_page
from backoffice.templatetags.formats import percent
from segments.datasets.clock import today
from segments.models import CustomerFeatures, Membership, Method, Rule, RuleMember, SegmentSnapshot
from segments.presenters.reasons import certainty, decisive_features
from segments.presenters.wording import against_average
from segments.rules.reasons import reasons_for
from segments.rules.tree import read_stored
from segments.rules.wording import Speaker
from shop.models import Unprofiled


@staff_page("segments.view_segment")
def customer_panel(request: StaffRequest, pk: int) -> HttpResponse:
    """The segments this customer is in, by rule and by method, each with the reasons in the customer's own figures."""
    said_no = Unprofiled.objects.filter(customer=pk).exists()
    return render(request, "segments/customer_panel.html", {"rows": [*_by_rule(pk), *_by_method(pk)], "said_no": said_no})


def _by_rule(pk: int) -> list[dict[str, Any]]:
    since = dict(RuleMember.objects.filter(customer=pk).values_list("segment_id", "since"))
    rules = list(Rule.objects.in_force().filter(segment__in=since).order_by("segment__pk"))
    trees = [read_stored(rule.tree) for rule in rules]
    speaker, now = Speaker(trees), today(timezone.now())
    return [
        {"segment": rule.segment, "since": since[rule.segment_id], "reasons": reasons_for(pk, tree, speaker, as_of=now)}
        for rule, tree in zip(rules, trees, strict=True)
    ]


def _by_method(pk: int) -> list[dict[str, Any]]:
    memberships = Membership.objects.in_force().filter(customer_id=pk).select_related("segment", "run").order_by("run__method")
    return [{"segment": one.segment, "since": None, "reasons": _why(one)} for one in memberships]


def _why(membership: Membership) -> list[str]:
    """The customer's figures that decided for this group rather than the next best one, strongest first."""
    run = membership.run
    stored = CustomerFeatures.objects.filter(
        run__published_for__method=Method.KMEANS, customer_id=membership.customer_id
    ).select_related("run").first()
    if stored is None:
        return []
    snapshot = SegmentSnapshot.objects.get(run=run, segment=membership.segment)
    own = dict(zip(stored.run.estimator["features"], stored.values, strict=True))
    average = {row["feature"]: row for row in snapshot.profile["features"]}
    keys = [key for key in decisive_features(run, own, snapshot.position) if key in own and key in average]
    reasons = [against_average(average[key] | {"mean": own[key]}, run.currency) for key in keys]
    sure = certainty(run, own)
    return reasons if sure is None else [_("Belongs here with a probability of %s.") % percent(sure), *reasons]
