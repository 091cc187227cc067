"""New generations of groups that wait for a person's decision."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.fields import DataclassField
from segments.models.runs import SegmentRun


@dataclass(frozen=True)
class Origin:
    """`customers` that a proposed group takes from `segment` (its id; None: from no group)."""

    segment: int | None
    customers: int


@dataclass(frozen=True)
class Descent:
    """A proposed group, `segment` (its id), of `size` customers: where they are now, largest part first."""

    segment: int
    size: int
    origins: tuple[Origin, ...]


@dataclass(frozen=True)
class Lineage:
    """Which group comes from which."""

    groups: tuple[Descent, ...] = ()


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def pending(self) -> ProposalQuerySet:
        """The one that waits for a decision, if there is one."""
        return self.filter(state=Proposal.State.PENDING)


class Proposal(models.Model):
    """A new generation of groups: a run that is written, and in force only when a person accepts it."""

    class State(models.TextChoices):
        PENDING = "pending", _("waits for a decision")
        ACCEPTED = "accepted", pgettext_lazy("proposal", "accepted")
        DISMISSED = "dismissed", _("dismissed")
        REPLACED = "replaced", _("replaced by a later proposal")

    class Cause(models.TextChoices):
        BETTER = "better", _("a new start groups customers clearly better")
        REQUESTED = "requested", _("requested by a person")

    run = models.OneToOneField(SegmentRun, models.CASCADE, related_name="proposal")
    against = models.ForeignKey(
        SegmentRun, models.CASCADE, related_name="+", help_text="The run in force when it was made."
    )
    cause = models.CharField(_("why"), max_length=10, choices=Cause)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    gain = models.FloatField(
        help_text="By what part the inertia is smaller than that of the groups in force, on the same scale."
    )
    moved = models.FloatField(_("share who would move"))
    lineage = DataclassField(Lineage)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed generation")
        verbose_name_plural = _("proposed generations")
        ordering = ["-created_at"]
        permissions = [("decide_proposal", "Can accept or dismiss proposed groups and choose their number")]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="pending"), name="one_pending_proposal"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run} ({self.state})"

    @property
    def audit_key(self) -> str:
        return self.run.audit_key

    @property
    def change(self) -> float:
        """The change of inertia as a share of that in force: negative is tighter."""
        return -self.gain
