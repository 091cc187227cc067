"""What customers are expected to do. A run is immutable; publishing it moves one pointer."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.models import JobRun
from shop.models import CurrencyField, Customer


class PredictionKind(models.TextChoices):
    """What is predicted of a customer, and the unit of its value."""

    LIFETIME = "lifetime", _("Value in the next 12 months")  # money in the run's currency
    BUYS_7 = "buys_7", _("Buys within 7 days")  # probability
    BUYS_30 = "buys_30", _("Buys within 30 days")  # probability
    BUYS_90 = "buys_90", _("Buys within 90 days")  # probability
    CHURN = "churn", _("Stops buying")  # probability
    CATEGORY = "category", _("Next category")  # probability of the category named by `choice`


class PredictionRunQuerySet(models.QuerySet["PredictionRun"]):
    def published(self, kind: str) -> PredictionRun | None:
        return self.filter(published_for__kind=kind).first()

    def in_force(self) -> PredictionRunQuerySet:
        return self.filter(published_for__isnull=False)


class PredictionRun(models.Model):
    """One prediction of one kind, on the facts before `as_of`, with its estimator card."""

    kind = models.CharField(_("prediction"), max_length=10, choices=PredictionKind)
    as_of = models.DateTimeField(_("facts until"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    seed = models.BigIntegerField(default=0)
    horizon_days = models.PositiveIntegerField(_("days ahead"))
    customers = models.BigIntegerField(_("customers"), default=0)
    currency = CurrencyField(_("currency"), blank=True)
    champion = models.CharField(
        _("method in force"), max_length=20, help_text="The candidate whose values were written."
    )
    card: Any = models.JSONField(
        default=dict,
        help_text="Data, candidates with their metrics, curves, fairness, limits; when learning was refused, why.",
    )
    job_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = PredictionRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("prediction run")
        verbose_name_plural = _("prediction runs")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def audit_key(self) -> str:
        return str(self)

    @property
    def refused(self) -> bool:
        """Whether there was too little to learn from: the values are the fallback's."""
        return "refused" in self.card


class PublishedPrediction(models.Model):
    """The pointer: which run of a kind is in force."""

    kind = models.CharField(primary_key=True, max_length=10, choices=PredictionKind)
    run = models.ForeignKey(PredictionRun, models.PROTECT, related_name="published_for")
    published_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.kind} -> {self.run_id}"

    @classmethod
    def point_to(cls, run: PredictionRun) -> None:
        with transaction.atomic():
            cls.objects.update_or_create(kind=run.kind, defaults={"run": run, "published_at": timezone.now()})


class PredictionQuerySet(models.QuerySet["Prediction"]):
    def in_force(self, kind: str | None = None) -> PredictionQuerySet:
        predictions = self.filter(run__published_for__isnull=False).select_related("run")
        return predictions.filter(run__kind=kind) if kind else predictions


class Prediction(models.Model):
    """A customer's value in one run. Written with COPY; no key is checked by the database (see `Membership`).

    In force for a kind, in SQL (one look-up by the unique index on (customer_id, run_id), or by (run_id,
    value) for a threshold):

        SELECT customer_id, value, choice FROM predictions_prediction
        WHERE run_id = (SELECT run_id FROM predictions_publishedprediction WHERE kind = 'buys_30')

    `value` is a probability from 0 to 1, or money in the run's currency for `lifetime`. `choice` is 0, or for
    `category` the number of the category in the run's `card["categories"]`, counted from 1. `reasons` holds
    three numbers for each reason, strongest first: the place of the feature in `card["features"]`, its
    contribution in the unit of `value`, and the customer's own figure. Where contributions are measured from
    the usual customer, the last three are -1, that customer's value and NaN; before them there may be -2,
    what other predictions made of the value, and NaN. Customers of whom nothing can be said have no row.
    """

    run = models.ForeignKey(
        PredictionRun, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="predictions", db_index=False, db_constraint=False
    )
    value = models.FloatField()
    choice = models.BigIntegerField(default=0)
    reasons: Any = ArrayField(models.FloatField())

    objects = PredictionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "run"], name="prediction_once")]
        indexes = [models.Index(fields=["run", "value", "customer"], name="prediction_by_value")]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.value}"
