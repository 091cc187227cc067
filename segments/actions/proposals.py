"""New generations of groups: proposed by a refresh, accepted or dismissed by a person."""

from __future__ import annotations

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from profiles.datasets.features import CustomerFeatures
from segments.actions.behaviour import KS, CurrentGroups
from segments.actions.runs import FoundGroups, put_in_force, write_run
from segments.algorithms.clustering import COLD_GAIN, Clustering
from segments.datasets.memberships import NOBODY, groups_of
from segments.models import Descent, Lineage, Method, Origin, Proposal, SegmentRun

DECIDE = "segments.decide_proposal"
State = Proposal.State


def gain_over(before: CurrentGroups, found: Clustering, rival: FoundGroups) -> float:
    """By what part of today's inertia `rival` is tighter than the groups in force (`found`), in the scale of
    these."""
    labels = rival.labels[before.space.known.buyers]
    return 1 - _inertia(before.space.points, labels) / max(found.inertia, 1e-12)


def _inertia(points: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The sum of squared distances of n x p `points` to the mean of their own group."""
    size = np.maximum(np.bincount(labels), 1)
    sums = np.column_stack([np.bincount(labels, weights=column) for column in points.T])
    return float((points**2).sum() - ((sums**2).sum(axis=1) / size).sum())


def worth_proposing(in_force: SegmentRun, gain: float) -> bool:
    """Whether a better start is news: not when a person has dismissed one that was about as good."""
    last = Proposal.objects.filter(cause=Proposal.Cause.BETTER, state=State.DISMISSED).first()
    return last is None or last.against.birth != in_force.birth or gain > last.gain + COLD_GAIN


def propose(
    rival: FoundGroups, known: CustomerFeatures, in_force: SegmentRun, *, cause: str, gain: float
) -> Proposal:
    """Write `rival` as a run beside the one in force, with what it would change. It takes the place of a
    proposal that waits."""
    with transaction.atomic():
        Proposal.objects.pending().update(state=State.REPLACED, decided_at=timezone.now())
        run = write_run(rival, known, as_of=in_force.as_of, seed=in_force.seed)
        lineage, moved = _lineage(in_force, run, known.ids)
        return Proposal.objects.create(
            run=run, against=in_force, cause=cause, gain=gain, moved=moved, lineage=lineage
        )


def _lineage(before: SegmentRun, after: SegmentRun, ids: NDArray[np.int64]) -> tuple[Lineage, float]:
    """Which group of `after` comes from which of `before`, and the share of customers that is in another
    group than before."""
    old, new = groups_of(before, ids), groups_of(after, ids)
    pairs, counts = np.unique(np.column_stack([new, old])[new != NOBODY], axis=0, return_counts=True)
    groups = []
    for segment in dict.fromkeys(pairs[:, 0].tolist()):
        mine = pairs[:, 0] == segment
        origins = sorted(zip(counts[mine].tolist(), pairs[mine, 1].tolist(), strict=True), reverse=True)
        groups.append(
            Descent(
                segment=segment,
                size=int(counts[mine].sum()),
                origins=tuple(Origin(origin or None, customers) for customers, origin in origins),
            )
        )
    both = (old != NOBODY) & (new != NOBODY)
    return Lineage(tuple(groups)), float((old != new)[both].mean()) if both.any() else 0.0


def accept_proposal(*, proposal: Proposal, by: User) -> None:
    """Put the proposed groups in force. Raises Refused when somebody has decided already or the proposal was
    replaced."""
    require(by, DECIDE)
    with transaction.atomic():
        _decide(proposal, State.ACCEPTED, by)
        put_in_force(proposal.run)
        record(
            by=by,
            verb="generation.accept",
            about=proposal,
            moved=round(proposal.moved, 4),
            gain=round(proposal.gain, 4),
        )


def dismiss_proposal(*, proposal: Proposal, by: User) -> None:
    """Keep the groups in force. Raises Refused when somebody has decided already or the proposal was
    replaced."""
    require(by, DECIDE)
    with transaction.atomic():
        _decide(proposal, State.DISMISSED, by)
        record(
            by=by,
            verb="generation.dismiss",
            about=proposal,
            moved=round(proposal.moved, 4),
            gain=round(proposal.gain, 4),
        )


def _decide(proposal: Proposal, state: str, by: User) -> None:
    decided = {"state": state, "decided_by": by, "decided_at": timezone.now()}
    if not Proposal.objects.pending().filter(pk=proposal.pk).update(**decided):
        raise Refused(_("This proposal is no longer open: look at the latest one."))
    proposal.refresh_from_db()


def choose_number_of_groups(*, k: int | None, by: User) -> None:
    """Ask for `k` groups by behaviour from now on; None: as many as are stable. The next search proposes
    them.

    Raises Refused outside KS and while no groups are in force.
    """
    require(by, DECIDE)
    if k is not None and k not in KS:
        raise Refused(
            _("Choose from %(least)d to %(most)d groups.") % {"least": KS[0], "most": KS[-1]}, field="k"
        )
    run = SegmentRun.objects.published(Method.KMEANS)
    if run is None:
        raise Refused(_("Find groups first: then choose another number of them."), field="k")
    with transaction.atomic():
        before, run.groups_wanted = run.groups_wanted, k
        run.save(update_fields=["groups_wanted"])
        record(by=by, verb="generation.choose_k", about=run, before=before, after=k)
