"""New generations are proposed, compared, and decided by people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from segments.actions.proposals import accept_proposal, choose_number_of_groups, dismiss_proposal
from segments.actions.refresh import refresh_segments
from segments.models import Flow, Membership, Method, Proposal, Segment, SegmentRun
from shop.models import Customer
from tests.planted import EACH, TODAY, buy


def in_force() -> SegmentRun:
    run = SegmentRun.objects.published(Method.KMEANS)
    assert run is not None
    return run


def trap(run: SegmentRun) -> None:
    """Bring the groups in force into a position that no small step improves: two share one kind, one holds
    two kinds."""
    first, second, third = np.array(run.estimator.behaviour.centres)
    moved = [(first + second) / 2, third + 0.01, third - 0.01]
    behaviour = replace(run.estimator.behaviour, centres=tuple(tuple(centre.tolist()) for centre in moved))
    run.estimator = replace(run.estimator, behaviour=behaviour)
    run.save()


def test_a_better_start_is_proposed_and_changes_nothing(planted):
    refresh_segments(as_of=TODAY)
    trap(in_force())
    refresh_segments(as_of=TODAY)
    proposal = Proposal.objects.pending().get()
    assert proposal.cause == Proposal.Cause.BETTER
    assert proposal.gain > 0.02
    assert proposal.against == in_force() != proposal.run
    assert Membership.objects.in_force().filter(run=proposal.run).count() == 0
    assert sum(group.size for group in proposal.lineage.groups) == 3 * EACH


def test_an_accepted_proposal_is_in_force_and_audited(planted, mara):
    refresh_segments(as_of=TODAY)
    trap(in_force())
    refresh_segments(as_of=TODAY)
    proposal = Proposal.objects.pending().get()
    accept_proposal(proposal=proposal, by=mara)
    assert in_force() == proposal.run
    assert AuditEntry.about(proposal).get().verb == "generation.accept"
    found = {
        frozenset(
            Membership.objects.filter(run=in_force(), segment=one.segment).values_list("customer", flat=True)
        )
        for one in in_force().snapshots.all()
    }
    assert found == {frozenset(ids) for ids in planted.values()}
    refresh_segments(as_of=TODAY)
    assert in_force().generation == proposal.run
    with pytest.raises(Refused, match="no longer open"):
        dismiss_proposal(proposal=proposal, by=mara)


def test_a_dismissed_start_is_not_proposed_night_after_night(planted, mara):
    refresh_segments(as_of=TODAY)
    trap(in_force())
    refresh_segments(as_of=TODAY)
    dismiss_proposal(proposal=Proposal.objects.pending().get(), by=mara)
    refresh_segments(as_of=TODAY)
    assert not Proposal.objects.pending().exists()


def test_only_those_with_the_right_decide(planted, ines, anton):
    refresh_segments(as_of=TODAY)
    refresh_segments(as_of=TODAY, fresh=True)
    proposal = Proposal.objects.pending().get()
    for stranger in (ines, anton):
        with pytest.raises(PermissionDenied):
            accept_proposal(proposal=proposal, by=stranger)
        with pytest.raises(PermissionDenied):
            choose_number_of_groups(k=4, by=stranger)


def test_a_chosen_number_of_groups_is_proposed_with_lineage_and_kept_from_then_on(planted, mara):
    refresh_segments(as_of=TODAY)
    before = {one.segment_id for one in in_force().snapshots.all()}
    choose_number_of_groups(k=2, by=mara)
    refresh_segments(as_of=TODAY, fresh=True)
    proposal = Proposal.objects.pending().get()
    assert proposal.run.snapshots.count() == 2
    origins = {origin.segment for group in proposal.lineage.groups for origin in group.origins}
    assert origins == before
    accept_proposal(proposal=proposal, by=mara)
    refresh_segments(as_of=TODAY + timedelta(days=1), fresh=True)
    assert Proposal.objects.pending().get().run.snapshots.count() == 2
    chosen = AuditEntry.objects.get(verb="generation.choose_k")
    assert chosen.details == {"before": None, "after": 2}
    assert Proposal.objects.filter(state=Proposal.State.PENDING).count() == 1


@pytest.mark.parametrize("k", [1, 11])
def test_a_number_out_of_bounds_is_refused(planted, mara, k):
    with pytest.raises(Refused, match="from 2 to 10"):
        choose_number_of_groups(k=k, by=mara)


def test_a_group_that_shares_less_than_half_gets_a_new_identity(planted, mara):
    refresh_segments(as_of=TODAY)
    before = set(Segment.objects.filter(method=Method.KMEANS).values_list("pk", flat=True))
    choose_number_of_groups(k=6, by=mara)
    refresh_segments(as_of=TODAY, fresh=True)
    proposal = Proposal.objects.pending().get()
    for group in proposal.lineage.groups:
        largest = group.origins[0]
        size = in_force().snapshots.get(segment=largest.segment).size
        jaccard = largest.customers / (group.size + size - largest.customers)
        assert (group.segment in before) == (jaccard >= 0.5)
    assert any(group.segment not in before for group in proposal.lineage.groups)


def test_flows_count_who_moved_entered_and_left(planted, tea):
    refresh_segments(as_of=TODAY)
    mover, gone = planted["lost"][0], planted["lost"][1]
    Customer.objects.get(pk=gone).orders.all().delete()
    for n in range(12):
        buy(Customer.objects.get(pk=mover), tea, TODAY - timedelta(days=n * 20 + 1), Decimal(190))
    newcomer = Customer.objects.create(external_id="late", created_at=TODAY)
    buy(newcomer, tea, TODAY, Decimal(40))
    first = in_force()
    refresh_segments(as_of=TODAY + timedelta(days=1))
    names = {
        (flow.origin and flow.origin.slug, flow.destination and flow.destination.slug): flow.customers
        for flow in Flow.objects.filter(before=first, after=in_force())
    }
    assert names == {
        ("champions", "champions"): EACH,
        ("new", "new"): EACH,
        ("lost", "lost"): EACH - 2,
        ("lost", "champions"): 1,
        ("lost", "no-purchase"): 1,
        (None, "new"): 1,
    }
