"""The pages of proposed generations."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from segments.actions.proposals import choose_number_of_groups
from segments.actions.refresh import refresh_segments
from segments.actions.rules.saving import save_rule
from segments.datasets.flows import successors
from segments.models import Method, Proposal, Segment, SegmentRun
from shop.models import Customer
from tests.planted import TODAY


def test_a_proposal_is_compared_then_accepted_or_dismissed(planted, mara, as_user):
    Customer.objects.create(external_id="idle", created_at=TODAY - timedelta(days=9))
    refresh_segments(as_of=TODAY)
    choose_number_of_groups(k=2, by=mara)
    refresh_segments(as_of=TODAY, fresh=True)
    first = Proposal.objects.pending().get()
    browser = as_user(mara)
    text = browser.get(reverse("segments:proposal", args=[first.pk])).text
    assert "These 2 groups are" in text  # as was asked: who never bought is beside them
    assert "wider than those in force" in text
    assert "ends" in text
    assert "are proposed: compare and decide" in browser.get("/").text
    browser.post(reverse("segments:proposal-dismiss", args=[first.pk]))
    assert SegmentRun.objects.published(Method.KMEANS) == first.against
    refresh_segments(as_of=TODAY, fresh=True)
    second = Proposal.objects.pending().get()
    ended = Segment.objects.filter(snapshots__run=second.against).exclude(snapshots__run=second.run).first()
    newborn = (
        Segment.objects.filter(snapshots__run=second.run).exclude(snapshots__run=second.against).first()
        or ended
    )
    Segment.objects.filter(pk__in=[ended.pk, newborn.pk]).update(custom_name="Regulars")
    assert "refer to a group that would end" not in text
    save_rule(tree={"field": "segment", "op": "in", "value": [ended.pk]}, name="Of the old ones", by=mara)
    text = browser.get(reverse("segments:proposal", args=[second.pk])).text
    assert "Of the old ones</a></p>" in text
    assert ("the former “Regulars”" in text) == (newborn != ended)
    browser.post(reverse("segments:proposal-accept", args=[second.pk]))
    assert SegmentRun.objects.published(Method.KMEANS) == second.run
    text = browser.get(reverse("segments:detail", args=[ended.pk])).text
    assert "Its customers moved to:" in text
    assert all(f">{flow.destination.name}</a> ({flow.customers})" in text for flow in successors(ended.pk))
    assert (
        sum(flow.customers for flow in successors(ended.pk))
        == second.against.snapshots.get(segment=ended).size
    )
    assert browser.post(reverse("segments:proposal-accept", args=[first.pk])).status_code == 422
