"""One kind of run: what a job computed from the facts up to a moment, kept as it was computed.

    class SegmentRun(Run):
        SLOT = ("method", "topic")
        method = ...
        topic = ...
        objects = SegmentRunQuerySet.as_manager()

        class Meta(Run.Meta):
            constraints = [one_in_force("method", "topic", name="segmentrun_in_force_once")]

A run answers the question of its slot, and at most one run of a slot is in force: pages, the API and
campaigns use that one. A job writes a new run with all its rows and publishes it last, in one transaction. A
crash half-way leaves the earlier run in force.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.jobs import current_job_run
from backoffice.models import JobRun

R = TypeVar("R", bound="Run")


class RunQuerySet(models.QuerySet[R]):
    def in_force(self) -> Self:
        return self.filter(in_force=True)

    def published(self, *slot: str) -> R | None:
        """The run in force of one slot: its values in the order of `SLOT`; those left out at the end are
        empty."""
        return self.in_force().filter(**self._slot(slot)).first()

    def adopted(self) -> Self:
        """Those that are or were in force: not the proposals that nobody accepted."""
        return self.filter(published_at__isnull=False)

    def outdated(self, *, keep: int) -> Self:
        """All but the newest `keep` of each slot. A run in force is never among them."""
        newest_first = [F("created_at").desc(), F("pk").desc()]
        age = Window(RowNumber(), partition_by=[*self.model.SLOT] or None, order_by=newest_first)
        old = self.order_by().annotate(age=age).filter(age__gt=keep)
        return self.filter(pk__in=list(old.values_list("pk", flat=True)), in_force=False)

    def withdraw(self) -> int:
        """Take these out of force; they stay as history. Returns how many were in force."""
        return self.in_force().update(in_force=False)

    def _slot(self, values: tuple[str, ...]) -> dict[str, str]:
        names = self.model.SLOT
        if len(values) > len(names):
            raise TypeError(f"{self.model.__name__} has the slot {names}, not {values}")
        return dict(zip(names, [*values, *[""] * (len(names) - len(values))], strict=True))


class Run(models.Model):
    """A computation on the facts before `as_of`. Immutable but for whether it is in force."""

    SLOT: ClassVar[tuple[str, ...]] = ()  # the fields that name the question it answers

    as_of = models.DateTimeField(_("facts until"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    in_force = models.BooleanField(_("in force"), default=False)
    published_at = models.DateTimeField(
        _("put in force"), null=True, blank=True, help_text="When it was last put in force."
    )
    job_run = models.ForeignKey(
        JobRun, models.SET_NULL, null=True, blank=True, default=current_job_run, related_name="+"
    )

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]

    def publish(self) -> None:
        """Put it in force in place of the run of its slot that is. Two that publish at once take turns; the
        later one stays in force."""
        runs: Any = type(self)._default_manager
        same = runs.filter(in_force=True, **{name: getattr(self, name) for name in self.SLOT})
        with transaction.atomic():
            list(same.select_for_update().values_list("pk"))
            same.exclude(pk=self.pk).update(in_force=False)
            self.in_force, self.published_at = True, timezone.now()
            self.save(update_fields=["in_force", "published_at"])


def one_in_force(*slot: str, name: str) -> models.UniqueConstraint:
    """The constraint that every run's table has: at most one in force of each slot."""
    return models.UniqueConstraint(fields=[*slot, "in_force"], condition=Q(in_force=True), name=name)
