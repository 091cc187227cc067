"""Runs: what a method found on the facts up to a moment. At most one of a method and topic is
in force."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.fields import DataclassField
from backoffice.runs import Run, RunQuerySet, one_in_force
from profiles.datasets.features import DataQuality
from segments.models.drift import Drift
from segments.models.profiles import Profile
from segments.models.run_contents import (
    LearnedMetrics,
    RunPicture,
    StoredEstimator,
)
from segments.models.segments import Method, Segment
from segments.number_of_groups import NumberOfGroups
from shop.models import CurrencyField, Customer, MoneyField


class SegmentRunQuerySet(RunQuerySet["SegmentRun"]):
    """The runs of segments."""


class SegmentRun(Run):
    """One fit of one method. `topic` tells apart runs of one method that answer different questions."""

    SLOT = ("method", "topic")

    method = models.CharField(_("method"), max_length=10, choices=Method)
    topic = models.SlugField(max_length=60, blank=True)
    seed = models.BigIntegerField(default=0)
    customers = models.BigIntegerField(_("customers"), default=0)
    currency = CurrencyField(_("currency"), blank=True)
    quality = DataclassField(DataQuality)
    estimator = DataclassField(StoredEstimator)
    number_of_groups = DataclassField(NumberOfGroups, null=True)
    learned = DataclassField(LearnedMetrics, null=True)
    picture = DataclassField(RunPicture)
    generation = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The run that found these groups, which this one continues; empty for that run itself.",
    )
    drift = DataclassField(Drift, null=True)
    groups_wanted = models.PositiveSmallIntegerField(
        _("number of groups"),
        null=True,
        blank=True,
        help_text="What a person chose for the next search, handed on to the run that follows; empty: by "
        "stability.",
    )

    CONTENTS = ("quality", "estimator", "number_of_groups", "learned", "picture", "drift")  # large: to defer

    objects = SegmentRunQuerySet.as_manager()

    class Meta(Run.Meta):
        verbose_name = _("segment run")
        verbose_name_plural = _("segment runs")
        constraints = [one_in_force("method", "topic", name="segmentrun_in_force_once")]

    def __str__(self) -> str:
        return f"{self.method} #{self.pk}"

    @property
    def audit_key(self) -> str:
        return str(self)

    @property
    def birth(self) -> SegmentRun:
        """The run in which these groups were found: this one, or the one it continues."""
        return self.generation or self

    @property
    def of_buyers(self) -> bool:
        """Whether its averages are of those who ordered; those of other methods are of all customers."""
        return self.method == Method.RFM


class SnapshotQuerySet(models.QuerySet["SegmentSnapshot"]):
    def in_force(self, method: str | None = None, topic: str = "") -> SnapshotQuerySet:
        """The groups of the published runs: of all (the nightly ones of a method before other groupings), or
        of one method and topic; largest revenue first."""
        snapshots = self.filter(run__in_force=True).select_related("segment", "run")
        if method:
            snapshots = snapshots.filter(run__method=method, run__topic=topic)
        return snapshots.order_by("run__method", "run__topic", "-revenue")


class SegmentSnapshot(models.Model):
    """A segment as one run found it: size, worth, profile and why."""

    run = models.ForeignKey(SegmentRun, models.CASCADE, related_name="snapshots")
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="snapshots")
    position = models.PositiveSmallIntegerField(
        help_text="The centre's index in the run's estimator; never shown."
    )
    size = models.BigIntegerField(_("customers"))
    share = models.FloatField(_("share of customers"))
    revenue = MoneyField(_("revenue"))
    revenue_share = models.FloatField(_("share of revenue"))
    profile = DataclassField(Profile)
    reasons: Any = ArrayField(
        models.CharField(max_length=60),
        default=list,
        help_text="Features that set it apart, strongest first.",
    )

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "segment"], name="snapshot_once")]

    def __str__(self) -> str:
        return f"{self.segment} ({self.size})"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self) -> MembershipQuerySet:
        return self.filter(run__in_force=True)


class Membership(models.Model):
    """A customer's segment in one run. Written with COPY, read by (segment, run) and by customer.

    No foreign key is checked by the database: a million checks a key cost more than the clustering, every run
    writes all rows from the facts it has just read, and Django still cascades when a customer is erased.
    """

    run = models.ForeignKey(SegmentRun, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="memberships", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="memberships", db_index=False, db_constraint=False
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "run"], name="membership_once")]
        indexes = [models.Index(fields=["run", "segment", "customer"], name="membership_of_segment")]

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.segment_id}"


class FeatureSnapshot(models.Model):
    """What a run knew of one customer: values in the order of the run's `estimator.features`, in their own
    units."""

    run = models.ForeignKey(SegmentRun, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    values: Any = ArrayField(models.FloatField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "run"], name="features_once")]

    def __str__(self) -> str:
        return f"{self.customer_id}"

    @property
    def by_feature(self) -> dict[str, float]:
        """The values by the keys of their features."""
        return dict(zip(self.run.estimator.features, self.values, strict=True))
