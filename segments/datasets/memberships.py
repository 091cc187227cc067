"""Who was in which group, and who moved."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from backoffice.bulk_copy import read_arrays
from segments.models import Flow, Membership, Method, RuleMember, Segment, SegmentRun
from shop.models import Customer, CustomerQuerySet

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


COUNT_FLOWS = """
INSERT INTO segments_flow (before_id, after_id, origin_id, destination_id, customers)
SELECT %(before)s, %(after)s, origin, destination, count(*)
FROM (SELECT customer_id, segment_id AS origin FROM segments_membership WHERE run_id = %(before)s) was
FULL JOIN (SELECT customer_id, segment_id AS destination FROM segments_membership
    WHERE run_id = %(after)s) is_now
    USING (customer_id)
GROUP BY origin, destination
ON CONFLICT DO NOTHING
"""


def count_flows(before: SegmentRun, after: SegmentRun) -> None:
    """Count who moved from which group of `before` to which of `after`, in one statement, and keep it
    (`Flow`). Both runs must still have their members. Counting a pair again changes nothing: runs are
    immutable."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_FLOWS, {"before": before.pk, "after": after.pk})


def flows_between(before: SegmentRun, after: SegmentRun) -> list[Flow]:
    """The flows of a pair of runs, largest first; a pair that was not counted yet is counted now."""
    flows = (
        Flow.objects.filter(before=before, after=after)
        .select_related("origin", "destination")
        .order_by("-customers", "pk")
    )
    if not flows:
        count_flows(before, after)
        flows = flows.all()
    return list(flows)


def successors(segment: int) -> list[Flow]:
    """Where the customers of a group (its id) that a later run no longer has moved to then, most first; empty
    for one that nothing followed."""
    last = SegmentRun.objects.adopted().filter(snapshots__segment=segment).order_by("-published_at").first()
    gone = Flow.objects.filter(before=last, origin=segment, destination__isnull=False).exclude(
        destination=segment
    )
    after = gone.order_by("after__published_at").values_list("after", flat=True).first()
    return list(gone.filter(after=after).select_related("destination").order_by("-customers", "pk"))


def runs_with_members(method: str, topic: str = "") -> list[SegmentRun]:
    """The runs of a method that were in force and still know their members, latest first."""
    runs = SegmentRun.objects.adopted().filter(method=method, topic=topic).defer(*SegmentRun.CONTENTS)
    return list(runs.filter(Exists(Membership.objects.filter(run=OuterRef("pk")))).order_by("-published_at"))


def customers_of(flow: Flow) -> CustomerQuerySet:
    """The customers behind a flow, by id."""
    was, is_now = (
        Membership.objects.filter(
            run=run, customer=OuterRef("pk"), **({"segment": segment} if segment else {})
        )
        for run, segment in ((flow.before_id, flow.origin_id), (flow.after_id, flow.destination_id))
    )
    return Customer.objects.filter(
        Exists(was) if flow.origin_id else ~Exists(was),
        Exists(is_now) if flow.destination_id else ~Exists(is_now),
    ).order_by("pk")
