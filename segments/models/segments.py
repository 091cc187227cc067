"""Segments: groups of customers with a lasting identity, whatever the method that finds them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit_keys import AuditKey
from segments.models.names import LONGEST_KEY, SegmentName, SegmentSlug
from shop.models import Customer, CustomerQuerySet


class Method(models.TextChoices):
    KMEANS = "kmeans", _("Behaviour groups (k-means)")
    RFM = "rfm", _("RFM classes")
    RULE = "rule", _("By rule")
    MIXTURE = "mixture", _("Overlapping groups (Gaussian mixture)")
    FACTORS = "factors", _("Groups by factors (factor analysis)")
    LEARNED = "learned", _("Learned from examples")


class SegmentQuerySet(models.QuerySet["Segment"]):
    def in_force(self) -> SegmentQuerySet:
        """Those that have members now and may be chosen: of the published runs, and by rule unless
        archived."""
        by_rule = models.Q(method=Method.RULE, rule__archived_at__isnull=True)
        return self.filter(by_rule | models.Q(snapshots__run__in_force=True)).distinct()


class Segment(models.Model):
    """A group with a lasting identity: the same row, colour and name from run to run."""

    method = models.CharField(_("method"), max_length=10, choices=Method)
    slug = models.SlugField(max_length=60)
    name_key = models.CharField(
        max_length=LONGEST_KEY, help_text="Untranslated; see segments/models/names.py."
    )
    custom_name = models.CharField(
        _("name"), max_length=80, blank=True, help_text=_("Your own name for this group.")
    )
    colour = models.CharField(_("colour"), max_length=7)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [models.UniqueConstraint(fields=["method", "slug"], name="segment_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_key(self) -> str:
        """Its name in the audit trail, free of language; "" for a name that somebody typed."""
        if self.custom_name:
            return ""
        return str(AuditKey((self.method, self.name_key)))

    @classmethod
    def name_of(cls, audit_key: str) -> str:
        """What `audit_key` gave, in the reader's language, with the method."""
        method, key = AuditKey.parse(audit_key, parts=2).parts
        return cls(method=method, name_key=key).label

    @property
    def key(self) -> SegmentSlug:
        """Its slug, taken apart."""
        return SegmentSlug.parse(self.slug)

    @property
    def has_title(self) -> bool:
        """Whether a person or the set-up named it as a whole; else its name is made of words."""
        return self.method in (Method.RULE, Method.LEARNED)

    @property
    def suggested_name(self) -> SegmentName:
        """The name it was given when it was found."""
        return SegmentName((self.name_key,)) if self.has_title else SegmentName.parse(self.name_key)

    @property
    def short_name(self) -> str:
        """Where it is clear which grouping it belongs to."""
        return self.custom_name or self.suggested_name.short_text

    @property
    def of_grouping(self) -> bool:
        """Whether it comes from a grouping that somebody set up beside the nightly ones."""
        return not self.has_title and bool(self.key.topic)

    @property
    def name(self) -> str:
        return self.custom_name or self.suggested_name.text

    @property
    def label(self) -> str:
        """With its method: where segments of several methods stand side by side or can be chosen, as two
        methods may find groups of one name."""
        return f"{self.name} · {self.get_method_display()}"

    def members(self) -> CustomerQuerySet:
        """The customers in it now: what pages count, exports list and campaigns send to."""
        if self.method == Method.RULE:
            return Customer.objects.filter(rule_memberships__segment=self)
        return Customer.objects.filter(pk__in=self.memberships.in_force().values("customer"))
