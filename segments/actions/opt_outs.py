"""Who opts out of personalisation, or is erased, leaves the groups, figures and predictions of every run at
once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from predictions.models import Prediction
from segments.models import FeatureSnapshot, Membership

# {among}: only these are looked at; they name all records of each person.
OPTED_OUT = "SELECT opted_out.customer_id FROM shop_unprofiled opted_out WHERE true {among}"
# A group keeps what it was compared with: its share changes as its size does.
SIZES = """
UPDATE segments_segmentsnapshot AS known SET size = counted.n,
    share = known.share * counted.n / greatest(known.size, 1)
FROM (SELECT s.id, count(m.customer_id) AS n FROM segments_segmentsnapshot s
      JOIN segments_segmentrun r ON r.id = s.run_id AND r.in_force
      LEFT JOIN segments_membership m ON m.run_id = s.run_id AND m.segment_id = s.segment_id GROUP BY s.id)
          AS counted
WHERE counted.id = known.id AND counted.n <> known.size
"""


def remove_opted_out(among: Sequence[int] | None) -> int:
    """Take who opted out (of the customers `among`, or of all) out of every run; returns how many memberships
    ended."""
    with connection.cursor() as cursor:
        which = "" if among is None else "AND opted_out.customer_id = ANY(%(among)s)"
        cursor.execute(OPTED_OUT.format(among=which), {"among": list(among or [])})
        opted_out = [pk for (pk,) in cursor.fetchall()]
    if not opted_out:
        return 0
    for derived in (FeatureSnapshot, Prediction):
        derived.objects.filter(customer__in=opted_out).delete()
    ended, _by_model = Membership.objects.filter(customer__in=opted_out).delete()
    return ended


def recount_groups() -> None:
    """Make the sizes of the groups in force what their members are."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
