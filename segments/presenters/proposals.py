"""What a proposed generation of groups would change."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import number, percent
from segments.models import Flow, Proposal, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.flows import former_name


@dataclass(frozen=True)
class ProposedGroup:
    """A group as it is in force (`old`) and as it is proposed (`new`); None where it is not in one of
    them."""

    segment: Segment
    name: str
    new: SegmentSnapshot | None
    old: SegmentSnapshot | None


def proposed_groups(proposal: Proposal) -> list[ProposedGroup]:
    """Each proposed group with the one in force of the same identity, then those that would end."""
    new, old = _snapshots(proposal.run), _snapshots(proposal.against)
    names = {snapshot.segment.name: pk for pk, snapshot in new.items()}
    proposed = [
        ProposedGroup(snapshot.segment, snapshot.segment.name, snapshot, old.get(pk))
        for pk, snapshot in new.items()
    ]
    ending = [
        ProposedGroup(snapshot.segment, former_name(snapshot.segment, names), None, snapshot)
        for pk, snapshot in old.items()
        if pk not in new
    ]
    return proposed + ending


def _snapshots(run: SegmentRun) -> dict[int, SegmentSnapshot]:
    ordered = run.snapshots.select_related("segment", "run").order_by("-revenue")
    return {snapshot.segment_id: snapshot for snapshot in ordered}


def lineage_flows(proposal: Proposal) -> list[Flow]:
    """The lineage as flows for the picture; they are not stored, and between no two runs."""
    groups = proposal.lineage.groups
    pks = {origin.segment for group in groups for origin in group.origins if origin.segment}
    segments = Segment.objects.in_bulk(pks | {group.segment for group in groups})
    return [
        Flow(
            origin=segments.get(origin.segment) if origin.segment else None,
            destination=segments[group.segment],
            customers=origin.customers,
        )
        for group in groups
        for origin in group.origins
    ]


def gain_in_words(proposal: Proposal) -> str:
    """How much tighter or wider the proposed groups are, and how many customers would move."""
    behaviour = proposal.run.estimator.behaviour
    words = {
        "gain": percent(abs(proposal.gain), 1),
        "moved": percent(proposal.moved),
        # without the people who never bought: nobody chooses a number with them
        "groups": number(len(behaviour.centres) if behaviour else 0),
    }
    if proposal.gain >= 0:
        return (
            _(
                "These %(groups)s groups are %(gain)s tighter than those in force; %(moved)s of the "
                "customers would move."
            )
            % words
        )
    return (
        _(
            "These %(groups)s groups are %(gain)s wider than those in force; %(moved)s of the customers "
            "would move."
        )
        % words
    )
