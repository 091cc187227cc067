"""Who is and was in which group."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from backoffice.bulk_copy import read_arrays
from segments.models import Membership, Method, RuleMember, Segment, SegmentRun

NOBODY = 0  # no segment has this id

MEMBERS = "SELECT customer_id::bigint, segment_id::bigint FROM segments_membership WHERE run_id = %(run)s"


def member_ids(segment: Segment) -> QuerySet[Any, Any]:
    """The primary keys of `segment.members()`, without a look at the customers themselves: for counting and
    comparing."""
    if segment.method == Method.RULE:
        return RuleMember.objects.filter(segment=segment).values("customer")
    return Membership.objects.in_force().filter(segment=segment).values("customer")


def groups_of(run: SegmentRun, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The segment id of each of the customers `ids` (ascending) in `run`, NOBODY for those it did not
    group."""
    members = read_arrays(MEMBERS, {"run": run.pk}, {"customer": int, "segment": int})
    found = np.full(len(ids), NOBODY)
    if not len(ids):
        return found
    place = np.minimum(np.searchsorted(ids, members["customer"]), len(ids) - 1)
    still = ids[place] == members["customer"]
    found[place[still]] = members["segment"][still]
    return found


def runs_with_members(method: str, topic: str = "") -> list[SegmentRun]:
    """The runs of a method that were in force and still know their members, latest first."""
    runs = SegmentRun.objects.adopted().filter(method=method, topic=topic).defer(*SegmentRun.CONTENTS)
    return list(runs.filter(Exists(Membership.objects.filter(run=OuterRef("pk")))).order_by("-published_at"))
