"""Who moved from which segment to which, from run to run."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from segments.models.runs import SegmentRun
from segments.models.segments import Segment


class Flow(models.Model):
    """How many customers one run had in `origin` and a later one in `destination`; empty: not grouped by that
    run.

    Runs are immutable, so a pair is counted once and kept when their members are forgotten.
    """

    before = models.ForeignKey(SegmentRun, models.CASCADE, related_name="+")
    after = models.ForeignKey(SegmentRun, models.CASCADE, related_name="+")
    origin = models.ForeignKey(Segment, models.CASCADE, null=True, related_name="+")
    destination = models.ForeignKey(Segment, models.CASCADE, null=True, related_name="+")
    customers = models.BigIntegerField(_("customers"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["before", "after", "origin", "destination"], nulls_distinct=False, name="flow_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.origin_id} -> {self.destination_id}: {self.customers}"
