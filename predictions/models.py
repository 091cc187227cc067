"""What customers are expected to do: runs of predictions, and the values of each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.fields import DataclassField
from backoffice.runs import Run, RunQuerySet, one_in_force
from predictions.cards import PredictionCard
from shop.models import CurrencyField, Customer


class PredictionKind(models.TextChoices):
    """What is predicted of a customer, and the unit of its value."""

    LIFETIME = "lifetime", _("Value to come")  # money in the run's currency
    BUYS_7 = "buys_7", _("Buys within 7 days")  # probability
    BUYS_30 = "buys_30", _("Buys within 30 days")  # probability
    BUYS_90 = "buys_90", _("Buys within 90 days")  # probability
    CHURN = "churn", _("Churn risk")  # probability
    CATEGORY = "category", _("Next category")  # probability of the category named by `choice`


class PredictionRunQuerySet(RunQuerySet["PredictionRun"]):
    pass


class PredictionRun(Run):
    """One prediction of one kind, on the facts before `as_of`, with its estimator card."""

    SLOT: ClassVar = ("kind",)

    kind = models.CharField(_("prediction"), max_length=10, choices=PredictionKind)
    seed = models.BigIntegerField(default=0)
    horizon_days = models.PositiveIntegerField(_("days ahead"))
    customers = models.BigIntegerField(_("customers"), default=0)
    currency = CurrencyField(_("currency"), blank=True)
    champion = models.CharField(
        _("method in force"), max_length=20, help_text="The candidate whose values were written."
    )
    card = DataclassField(PredictionCard)

    objects = PredictionRunQuerySet.as_manager()

    class Meta(Run.Meta):
        verbose_name = _("prediction run")
        verbose_name_plural = _("prediction runs")
        constraints = [one_in_force("kind", name="predictionrun_in_force_once")]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def audit_key(self) -> str:
        return str(self)

    @property
    def refused(self) -> bool:
        """Whether there was too little to learn from: the values are the fallback's."""
        return self.card.refused is not None


class PredictionQuerySet(models.QuerySet["Prediction"]):
    def in_force(self, kind: str | None = None) -> PredictionQuerySet:
        """The values of the runs in force: of all kinds, or of one."""
        values = self.filter(run__in_force=True).select_related("run")
        return values.filter(run__kind=kind) if kind else values


class Prediction(models.Model):
    """A customer's value in one run. Written with COPY (see `segments.models.Membership` for why no key is
    checked by the database).

    In force for a kind, in SQL (one look-up by the unique index on (customer_id, run_id), or by (run_id,
    value) for a threshold):

        SELECT customer_id, value, choice FROM predictions_prediction
        WHERE run_id = (SELECT id FROM predictions_predictionrun WHERE kind = 'buys_30' AND in_force)

    `value` is a probability from 0 to 1, or money in the run's currency for `lifetime`. `choice` is 0, or for
    `category` the number of the category in the card's `categories`, counted from 1. `reasons` is encoded and
    decoded by `algorithms.reasons`. Customers without enough facts have no row.
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
