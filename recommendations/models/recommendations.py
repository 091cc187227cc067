"""What: the products chosen for each customer. A run is immutable; publishing it moves one pointer."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.models import JobRun
from shop.models import Customer, Unprofiled


class RecommendationRunQuerySet(models.QuerySet["RecommendationRun"]):
    def published(self) -> RecommendationRun | None:
        return self.filter(published_for__isnull=False).first()


class RecommendationRun(models.Model):
    """One fit on the facts up to `as_of`, with its evaluation against popularity on a later stretch of
    time."""

    class Method(models.TextChoices):
        ALS = "als", _("Collaborative filtering (ALS)")
        POPULAR = "popular", _("Popular products only")

    method = models.CharField(_("method"), max_length=20, choices=Method, default=Method.ALS)
    as_of = models.DateTimeField(_("facts until"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    seed = models.BigIntegerField(default=0)
    parameters = models.JSONField(default=dict)
    customers = models.BigIntegerField(_("customers"), default=0, help_text="With a personal list.")
    fallback_customers = models.BigIntegerField(default=0, help_text="Who get the popular list.")
    products = models.BigIntegerField(_("products"), default=0)
    evaluation = models.JSONField(
        default=dict, help_text="Metrics by method on the test window, and the split itself."
    )
    popular_ids: Any = ArrayField(
        models.BigIntegerField(), default=list, help_text="The fallback list, best first."
    )
    example_ids: Any = ArrayField(
        models.BigIntegerField(), default=list, help_text="Customers of very different tastes."
    )
    artefact = models.CharField(max_length=200, blank=True, help_text="npz file under MEDIA_ROOT.")
    artefact_sha256 = models.CharField(max_length=64, blank=True)
    job_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = RecommendationRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation run")
        verbose_name_plural = _("recommendation runs")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.method} #{self.pk}"

    @property
    def is_in_force(self) -> bool:
        return bool(self.published_for.all())


class PublishedRun(models.Model):
    """The pointer: which run is in force."""

    slot = models.CharField(primary_key=True, max_length=20, default="default")
    run = models.ForeignKey(RecommendationRun, models.PROTECT, related_name="published_for")
    published_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.slot} -> {self.run_id}"

    @classmethod
    def point_to(cls, run: RecommendationRun) -> None:
        with transaction.atomic():
            cls.objects.update_or_create(
                slot="default", defaults={"run": run, "published_at": timezone.now()}
            )


class CustomerRecommendationsQuerySet(models.QuerySet["CustomerRecommendations"]):
    def in_force(self) -> CustomerRecommendationsQuerySet:
        """The lists of the published run, less those of customers who said no to personalisation since."""
        said_no = Unprofiled.objects.filter(customer=OuterRef("customer"))
        return self.filter(~Exists(said_no), run__published_for__isnull=False)


class CustomerRecommendations(models.Model):
    """One customer's list: four arrays of the same length, best first. `because_ids` holds, for each offer,
    the product in the customer's own history that speaks for it most (0 where none does), `because_bought`
    whether they bought it (or only looked). Keys are not checked by the database, for the reason given at
    `segments.models.Membership`."""

    run = models.ForeignKey(
        RecommendationRun, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    product_ids: Any = ArrayField(models.BigIntegerField())
    scores: Any = ArrayField(models.FloatField())
    because_ids: Any = ArrayField(models.BigIntegerField())
    because_bought: Any = ArrayField(models.BooleanField(), default=list)

    objects = CustomerRecommendationsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "run"], name="recommendations_once")]
        indexes = [models.Index(fields=["run"], name="recommendations_of_run")]

    def __str__(self) -> str:
        return f"{self.customer_id}: {len(self.product_ids)}"
