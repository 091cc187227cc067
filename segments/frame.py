"""What segments add to the product."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from backoffice.declarations import (
    CustomerPanel,
    Frame,
    NavigationItem,
    NextStep,
    PersonalData,
    RolePermissions,
    Section,
    Side,
    Sweep,
    Todo,
    Urgency,
)
from backoffice.models import User
from segments.models import (
    FeatureSnapshot,
    GroupingPlan,
    LearnedExample,
    LearnedPlan,
    Membership,
    Method,
    Proposal,
    RuleMember,
    Segment,
    SegmentRun,
)
from segments.presenters.drift import sentences


def proposals(user: User) -> Iterator[Todo]:
    """Proposed groups that nobody has decided about."""
    if user.has_perm("segments.decide_proposal"):
        for proposal in Proposal.objects.pending():
            text = gettext("Other groups of customers are proposed: compare and decide")
            yield Todo(text, reverse("segments:proposal", args=[proposal.pk]), Urgency.COLLEAGUE)


def drift(user: User) -> Iterator[Todo]:
    """The first sign that customers have changed since the groups in force were found."""
    run = SegmentRun.objects.published(Method.KMEANS)
    if run and user.has_perm("segments.view_segment"):
        for sentence in sentences(run)[:1]:
            yield Todo(sentence, reverse("segments:stability"))


def run_name(key: str) -> str:
    """The key `kmeans #7` as “Behaviour groups (k-means) #7”."""
    method, _space, number = key.partition(" #")
    return f"{Method(method).label} #{number}"


FRAME = Frame(
    navigation=[
        NavigationItem(
            Section.CUSTOMERS,
            _("Segments"),
            "donut_small",
            "segments:gallery",
            "segments.view_segment",
            20,
            also=("profiles:features",),
        ),
    ],
    audit={
        "generation.accept": gettext_noop("accepted the proposed groups"),
        "generation.choose_k": gettext_noop("chose the number of groups"),
        "generation.dismiss": gettext_noop("dismissed the proposed groups"),
        "grouping.create": gettext_noop("requested another grouping"),
        "grouping.withdraw": gettext_noop("withdrew the grouping"),
        "learned_segment.create": gettext_noop("requested a segment learned from examples"),
        "learned_segment.withdraw": gettext_noop("withdrew the learned segment"),
        "segment.archive": gettext_noop("archived the segment"),
        "segment.export": gettext_noop("exported the segment's customers"),
        "segment.rename": gettext_noop("renamed the segment"),
        "segment.restore": gettext_noop("restored the segment"),
        "segment.save_rule": gettext_noop("saved the segment's rule"),
    },
    audit_names={
        "segments.segment": Segment.name_of,
        "segments.proposal": run_name,
        "segments.segmentrun": run_name,
    },
    next_steps={
        "segments": NextStep(_("Segments"), "segments:gallery", "segments.view_segment"),
        "group_customers": NextStep(
            _("Group customers another way"), "segments:groupings", "segments.view_segment"
        ),
    },
    customer_panels=[
        CustomerPanel("segments:customer-panel", "segments.view_segment", Side.LEFT, 10),
    ],
    todos=[proposals, drift],
    permissions=RolePermissions(
        everybody=["segments.view_segment", "segments.view_segmentrun"],
        marketer=["segments.change_segment", "segments.decide_proposal"],
    ),
    personal_data=[
        PersonalData(FeatureSnapshot, _("Features used by groupings"), ["run.as_of", "by_feature"]),
        PersonalData(Membership, _("Segments"), ["segment.name", "run.as_of"]),
        PersonalData(RuleMember, _("Segments by rule"), ["segment.name", "since"]),
        PersonalData(LearnedExample, _("Examples of learned segments"), ["plan.title"]),
    ],
    job_figures={
        "drift_alarms": gettext_noop("Signs that customers have changed"),
        "proposals": gettext_noop("Proposed groupings that wait"),
    },
    derived=[SegmentRun, Segment, GroupingPlan, LearnedPlan],
    sweeps=[
        Sweep("segments.catch_up", "segments.catch_up", timedelta(seconds=15), queue="quick"),
    ],
)
