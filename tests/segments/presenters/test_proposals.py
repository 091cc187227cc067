from __future__ import annotations

import pytest

from segments.models import BehaviourGroups, Proposal, StoredEstimator
from segments.models.proposals import Descent, Lineage, Origin
from segments.presenters.proposals import gain_in_words, lineage_flows, proposed_groups
from tests.factories import SegmentFactory, SegmentRunFactory, SegmentSnapshotFactory
from tests.segments.presenters.unsaved import run


def test_the_gain_in_words():
    centres = ((0.0,), (1.0,), (2.0,))
    proposed = run(estimator=StoredEstimator(behaviour=BehaviourGroups(("a", "b", "c"), centres, 1.0)))
    better = gain_in_words(Proposal(run=proposed, gain=0.042, moved=0.2))
    assert better == ("These 3 groups are 4.2% tighter than those in force; 20% of the customers would move.")
    assert "4.2% wider" in gain_in_words(Proposal(run=proposed, gain=-0.042, moved=0.2))


@pytest.mark.django_db
def test_proposed_groups_beside_those_in_force_and_those_that_would_end():
    now, then = SegmentRunFactory(), SegmentRunFactory()
    kept, born, ending = (SegmentFactory(name_key=name) for name in ("Champions", "New", "Lost"))
    for found, group, revenue in [(now, kept, 9), (now, born, 8), (then, kept, 7), (then, ending, 6)]:
        SegmentSnapshotFactory(run=found, segment=group, revenue=revenue)
    groups = proposed_groups(Proposal(run=now, against=then))
    assert [(group.name, group.new is not None, group.old is not None) for group in groups] == [
        ("Champions", True, True),
        ("New", True, False),
        ("Lost", False, True),
    ]


@pytest.mark.django_db
def test_the_lineage_becomes_flows_that_are_not_stored():
    old, new = SegmentFactory(), SegmentFactory()
    lineage = Lineage((Descent(new.pk, 12, (Origin(old.pk, 10), Origin(None, 2))),))
    flows = lineage_flows(Proposal(lineage=lineage))
    assert [(flow.origin, flow.destination, flow.customers) for flow in flows] == [
        (old, new, 10),
        (None, new, 2),
    ]
    assert not any(flow.before_id or flow.after_id for flow in flows)
