"""What every floor needs to run its work: staff, jobs, the audit trail, keys for partner tools."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey

from backoffice.declarations import merged
from backoffice.jobs import register


class User(AbstractUser):
    """A member of staff. What they may do comes from their role (a group)."""

    class Meta(AbstractUser.Meta):
        permissions = [("view_personal_data", "Can see names, addresses and other personal data")]
        verbose_name = _("staff member")  # type: ignore[assignment]  # lazy text is text
        verbose_name_plural = _("staff")  # type: ignore[assignment]  # lazy text is text


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def active(self) -> JobRunQuerySet:
        return self.filter(state__in=JobRun.ACTIVE)

    def waiting(self, *, longer_than: timedelta) -> JobRunQuerySet:
        return self.filter(state=JobRun.State.QUEUED, created_at__lt=timezone.now() - longer_than)

    def abandoned(self, *, silent_for: timedelta) -> JobRunQuerySet:
        """Running, yet without a sign of life: the worker was killed."""
        return self.filter(state=JobRun.State.RUNNING, heartbeat_at__lt=timezone.now() - silent_for)

    def latest_of_each(self) -> JobRunQuerySet:
        """The newest run of each job."""
        return self.order_by("name", "-created_at").distinct("name")

    def last_of(self, name: str) -> JobRun | None:
        return self.filter(name=name).order_by("-created_at").first()


class JobRun(models.Model):
    """One run of a job (see `backoffice.jobs`): who requested it, how far it is, how it ended."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("job", "waiting")
        RUNNING = "running", pgettext_lazy("job", "running")
        SUCCEEDED = "succeeded", pgettext_lazy("job", "succeeded")
        FAILED = "failed", pgettext_lazy("job", "failed")
        CANCELLED = "cancelled", pgettext_lazy("job", "cancelled")

    ACTIVE = [State.QUEUED, State.RUNNING]
    MAX_ATTEMPTS = 3

    name = models.CharField(_("job"), max_length=100)
    key = models.CharField(
        max_length=100, blank=True, help_text="Two runs of a job with the same key never run side by side."
    )
    arguments = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    scheduled_for = models.DateTimeField(_("scheduled for"), null=True, blank=True)
    requested_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("requested by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    step = models.CharField(max_length=200, blank=True, help_text="An untranslated message id.")
    cancel_requested = models.BooleanField(default=False)
    error = models.TextField(_("error"), blank=True, help_text="One sentence for a person.")
    traceback = models.TextField(blank=True)
    result = models.JSONField(default=dict, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        ordering = ["-created_at"]
        permissions = [("run_job", "Can start and cancel jobs")]
        indexes = [models.Index(fields=["name", "-created_at"]), models.Index(fields=["state"])]
        constraints = [
            models.UniqueConstraint(fields=["name", "scheduled_for"], name="job_once_per_schedule"),
            models.UniqueConstraint(
                fields=["name", "key"],
                condition=Q(state__in=["queued", "running"]),
                name="job_one_active_per_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"

    @property
    def audit_key(self) -> str:
        return str(self)

    @property
    def title(self) -> str:
        entry = register.get(self.name)
        return str(entry.title) if entry else self.name

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def percent(self) -> int | None:
        """Progress from 0 to 100, or None while the total is unknown."""
        if self.state == self.State.SUCCEEDED:
            return 100
        return min(100, round(100 * self.done / self.total)) if self.total else None

    @property
    def step_text(self) -> str:
        return gettext(self.step) if self.step else ""

    @property
    def error_text(self) -> str:
        """The error in the reader's language, where its sentence has a translation."""
        return gettext(self.error) if self.error else ""

    @property
    def duration(self) -> timedelta | None:
        if not self.started_at:
            return None
        return (self.finished_at or timezone.now()) - self.started_at


class AuditEntry(models.Model):
    """Who did what to which object, and when. Append-only: the database refuses changes (see the app's
    migration 0001)."""

    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    verb = models.CharField(_("action"), max_length=60, help_text="For example campaign.approve")
    object_type = models.CharField(_("object"), max_length=60, help_text="For example campaigns.campaign")
    object_id = models.CharField(max_length=60)
    label = models.CharField(_("name"), max_length=200, blank=True)
    label_is_key = models.BooleanField(
        default=False,
        help_text="The program gave the name: `label` is a key that `audit_names` reads.",
    )
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["object_type", "object_id", "-at"])]

    def __str__(self) -> str:
        return f"{self.verb_text} {self.label_text}".strip()

    @property
    def verb_text(self) -> str:
        return self.sentence(self.verb)

    @staticmethod
    def sentence(verb: str) -> str:
        """The verb in the reader's language; the code itself for a verb of an older version."""
        return gettext(merged("audit").get(verb, verb))

    @property
    def label_text(self) -> str:
        """The object's name: as somebody typed it, or in the reader's language where the program gave it."""
        if not (self.label_is_key and self.label):
            return self.label
        return str(merged("audit_names").get(self.object_type, gettext)(self.label))

    @property
    def object_text(self) -> str:
        """The kind of object in the reader's language; its code for a kind that an older version had."""
        return self.kind_text(self.object_type)

    @staticmethod
    def kind_text(object_type: str) -> str:
        try:
            return str(apps.get_model(object_type)._meta.verbose_name)
        except (LookupError, ValueError):
            return object_type

    @staticmethod
    def id_of(instance: models.Model) -> str:
        return str(instance.pk)[:60]  # an API key's is its hash, and longer

    @classmethod
    def about(cls, instance: models.Model) -> models.QuerySet[AuditEntry]:
        return cls.objects.filter(
            object_type=instance._meta.label_lower, object_id=cls.id_of(instance)
        ).select_related("by")


class ApiKey(AbstractAPIKey):
    """A partner tool's key. The tool acts as the key's owner: same permissions, same audit trail."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("acts as"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta(AbstractAPIKey.Meta):
        verbose_name = _("API key")  # type: ignore[assignment]  # lazy text is text
        verbose_name_plural = _("API keys")  # type: ignore[assignment]  # lazy text is text


class IdempotentAnswer(models.Model):
    """The first answer to a request that carried an Idempotency-Key, replayed when the request is
    repeated."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body: Any = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
