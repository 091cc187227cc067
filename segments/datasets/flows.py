"""Who moved from which group to which, from run to run."""

from __future__ import annotations

from django.db import connection
from django.db.models import Exists, OuterRef

from segments.models import Flow, Membership, Segment, SegmentRun
from shop.models import Customer, CustomerQuerySet

# of the members that the runs still have; NULL: not grouped by that run
MOVES = """
SELECT origin, destination, count(*) AS customers
FROM (SELECT customer_id, segment_id AS origin FROM segments_membership WHERE run_id = %(before)s) was
FULL JOIN (SELECT customer_id, segment_id AS destination FROM segments_membership
    WHERE run_id = %(after)s) is_now
    USING (customer_id)
GROUP BY origin, destination
"""


def flows_between(before: SegmentRun, after: SegmentRun) -> list[Flow]:
    """The flows of a pair of runs, largest first: the stored ones (see `actions.flows.count_flows`), else
    counted from the members, without storing them."""
    stored = Flow.objects.filter(before=before, after=after).select_related("origin", "destination")
    return list(stored.order_by("-customers", "pk")) or _counted(before, after)


def _counted(before: SegmentRun, after: SegmentRun) -> list[Flow]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{MOVES} ORDER BY customers DESC, origin, destination",
            {"before": before.pk, "after": after.pk},
        )
        moves = cursor.fetchall()
    segments = Segment.objects.in_bulk({pk for move in moves for pk in move[:2] if pk})
    return [
        Flow(
            before=before,
            after=after,
            origin=segments.get(origin),
            destination=segments.get(destination),
            customers=customers,
        )
        for origin, destination, customers in moves
    ]


def successors(segment: int) -> list[Flow]:
    """Where the customers of a group (its id) that a later run no longer has moved to then, most first; empty
    for one that nothing followed."""
    last = SegmentRun.objects.adopted().filter(snapshots__segment=segment).order_by("-published_at").first()
    gone = Flow.objects.filter(before=last, origin=segment, destination__isnull=False).exclude(
        destination=segment
    )
    after = gone.order_by("after__published_at").values_list("after", flat=True).first()
    return list(gone.filter(after=after).select_related("destination").order_by("-customers", "pk"))


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
