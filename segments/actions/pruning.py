"""Old runs lose their members; their snapshots stay as history."""

from __future__ import annotations

from django.db import connection
from django.db.models import Exists, OuterRef

from segments.models import FeatureSnapshot, Membership, Proposal, PublishedRun, SegmentRun

RUNS_KEPT = 5


def forget_old_members() -> None:
    """Runs older than the last RUNS_KEPT of their method and topic, and proposals that nobody accepted, lose
    their members; the snapshots stay as history."""
    needed = {
        *PublishedRun.objects.values_list("run_id", flat=True),
        *Proposal.objects.pending().values_list("run_id", flat=True),
    }
    for method, topic in SegmentRun.objects.order_by().values_list("method", "topic").distinct():
        adopted = SegmentRun.objects.adopted().filter(method=method, topic=topic).order_by("-published_at")
        needed.update(adopted.values_list("pk", flat=True)[:RUNS_KEPT])
    members = Exists(Membership.objects.filter(run=OuterRef("pk")))
    forgotten = list(SegmentRun.objects.filter(members).exclude(pk__in=needed).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for table in (Membership._meta.db_table, FeatureSnapshot._meta.db_table) if forgotten else ():
            cursor.execute(f"DELETE FROM {table} WHERE run_id = ANY(%s)", [forgotten])  # noqa: S608 - our own table names
