"""Old runs lose their members; their snapshots stay as history."""

from __future__ import annotations

from django.db import connection
from django.db.models import Exists, OuterRef

from segments.models import FeatureSnapshot, Membership, Proposal, SegmentRun

RUNS_KEPT = 5


def forget_old_members() -> None:
    """Runs older than the last RUNS_KEPT of their method and topic, and proposals that nobody accepted, lose
    their members; the snapshots stay as history."""
    outdated = SegmentRun.objects.adopted().outdated(keep=RUNS_KEPT)
    waiting = Proposal.objects.pending().values("run")
    dropped = SegmentRun.objects.filter(published_at__isnull=True).exclude(pk__in=waiting)
    members = Exists(Membership.objects.filter(run=OuterRef("pk")))
    forgotten = [
        *outdated.filter(members).values_list("pk", flat=True),
        *dropped.filter(members).values_list("pk", flat=True),
    ]
    with connection.cursor() as cursor:
        for table in (Membership._meta.db_table, FeatureSnapshot._meta.db_table) if forgotten else ():
            statement = f"DELETE FROM {table} WHERE run_id = ANY(%s)"  # noqa: S608 - our own table names
            cursor.execute(statement, [forgotten])
