"""Grouping all customers, night by night."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from profiles.algorithms.scaling import finite_rows
from profiles.datasets.features import CustomerFeatures, customer_features
from segments.actions.behaviour import CurrentGroups, challenge, continue_groups, current_groups, find_groups
from segments.actions.names import kind_name
from segments.actions.proposals import gain_over, propose, worth_proposing
from segments.actions.runs import FoundGroups, publish
from segments.algorithms import rfm
from segments.algorithms.clustering import Clustering
from segments.algorithms.methods import RfmClasses
from segments.models import GroupLabel, Method, Proposal, RunPicture, SegmentRun, StoredEstimator
from shop.calendar import facts_until

FEWEST_BUYERS = 20


def refresh_segments(
    *, as_of: datetime | None = None, seed: int = 0, fresh: bool = False, progress: Progress = silent
) -> list[SegmentRun]:
    """Group all customers by behaviour (k-means) and by RFM on the facts before `as_of`, and publish both;
    returns both runs.

    The groups of the run in force are continued (frozen scaler, warm-started centres, hysteresis), so that
    they mean the same tomorrow. A cold start that is clearly better, and with `fresh` groups found anew,
    become a proposal that a person accepts or dismisses. Only the first groups of all, or those whose
    features are gone, come into force unasked. The same facts and seed give the same result. Everything is
    written in one transaction, published last: a crash leaves the old runs in force.

    Raises Refused below FEWEST_BUYERS customers with an order, and where all of them behave alike: by RFM
    they are classed all the same.
    """
    as_of = as_of or facts_until()
    progress(0, 10, gettext_noop("Reading orders and visits"))
    known = _read(as_of)
    before = current_groups(known)
    if before is None:
        runs = _first_groups(known, as_of, seed, progress)
    else:
        progress(1, 10, gettext_noop("Continuing yesterday's groups"))
        continued, found = continue_groups(before, as_of, seed)
        cause, rival = _rival(before, found, as_of=as_of, seed=seed, fresh=fresh, progress=progress)
        with transaction.atomic():
            runs = _publish([continued, _by_rfm(known, seed)], known, as_of, seed, progress)
            if rival:
                gain = gain_over(before, found, rival)
                if cause == Proposal.Cause.REQUESTED or worth_proposing(runs[0], gain):
                    propose(rival, known, runs[0], cause=cause, gain=gain)
    progress(10, 10)
    return runs


def _first_groups(
    known: CustomerFeatures, as_of: datetime, seed: int, progress: Progress
) -> list[SegmentRun]:
    """Raises Refused where behaviour tells nobody apart; the RFM classes, which everybody has, are in force
    then."""
    try:
        new = find_groups(known, _wanted(), as_of=as_of, seed=seed, progress=progress)
    except Refused:
        _publish([_by_rfm(known, seed)], known, as_of, seed, progress)
        raise
    return _publish([new, _by_rfm(known, seed)], known, as_of, seed, progress)


def _read(as_of: datetime) -> CustomerFeatures:
    known = customer_features(as_of=as_of)
    known = known.only(finite_rows(known.values))
    if known.buyers.sum() < FEWEST_BUYERS:
        raise Refused(
            _(
                "Grouping needs at least %(needed)d customers with an order; there are %(found)d. Import "
                "more orders first."
            )
            % {"needed": FEWEST_BUYERS, "found": known.buyers.sum()}
        )
    return known


def _wanted() -> int | None:
    """The number of groups that a person chose, or None."""
    in_force = SegmentRun.objects.published(Method.KMEANS)
    return in_force.groups_wanted if in_force else None


def _rival(
    before: CurrentGroups, found: Clustering, *, as_of: datetime, seed: int, fresh: bool, progress: Progress
) -> tuple[str, FoundGroups | None]:
    if fresh:
        new = find_groups(before.space.known, _wanted(), as_of=as_of, seed=seed, progress=progress)
        return Proposal.Cause.REQUESTED, new
    return Proposal.Cause.BETTER, challenge(before, found, as_of, seed)


def _publish(
    findings: list[FoundGroups], known: CustomerFeatures, as_of: datetime, seed: int, progress: Progress
) -> list[SegmentRun]:
    progress(9, 10, gettext_noop("Saving and publishing"))
    return publish(findings, known, as_of=as_of, seed=seed)


def _by_rfm(known: CustomerFeatures, seed: int) -> FoundGroups:
    buyers = known.only(known.buyers)
    points = np.column_stack([buyers.column(key) for key in RfmClasses.features])
    fitted = RfmClasses().fit(points, seed)
    scored = fitted.scores(points)
    table = np.zeros((rfm.SCORES, rfm.SCORES), dtype=int)
    np.add.at(table, (scored[:, 0] - 1, rfm.worth(scored) - 1), 1)
    labels = np.full(len(known.ids), -1)
    labels[known.buyers] = rfm.classes(scored)
    return FoundGroups(
        Method.RFM,
        [GroupLabel(kind, kind_name(kind).key) for kind in rfm.NAMES],
        labels,
        StoredEstimator(kept=RfmClasses.features, rfm=fitted.stored()),
        picture=RunPicture(rfm_table=tuple(map(tuple, table.tolist()))),
    )
