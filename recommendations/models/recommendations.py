"""The products chosen for each customer. A run is immutable; publishing it puts it in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from backoffice.fields import DataclassField
from backoffice.runs import Run, RunQuerySet, one_in_force
from recommendations.models.evaluation import Evaluation
from shop.models import Customer, Unprofiled

NO_REASON = 0  # in `because_ids`, where nothing in the customer's history speaks for a product


@dataclass(frozen=True)
class LeftOut:
    """Customers with the popular list, by the reason: `refused` personalisation; `no_history`, nothing bought
    or viewed (and kept) to learn from; `ordinary`, a list of their own would hardly differ from the popular
    one, or nothing they did speaks for it; `not_better`, all others where no method beat the popular list."""

    refused: int = 0
    no_history: int = 0
    ordinary: int = 0
    not_better: int = 0


class RecommendationRun(Run):
    """One fit, with its evaluation on a later window of time."""

    method = models.CharField(
        _("method"), max_length=20, help_text="A name in `recommendations.algorithms.methods`."
    )
    seed = models.BigIntegerField(default=0)
    parameters = models.JSONField(
        default=dict, help_text="Hyper-parameters: the fields of the method's own `Parameters`."
    )
    customers = models.BigIntegerField(_("customers"), default=0, help_text="With a personal list.")
    fallback_customers = models.BigIntegerField(default=0, help_text="Who get the popular list.")
    left_out = DataclassField(LeftOut)
    products = models.BigIntegerField(_("products"), default=0)
    evaluation = DataclassField(Evaluation)
    popular_ids: Any = ArrayField(
        models.BigIntegerField(), default=list, help_text="The popular list, best first."
    )
    example_ids: Any = ArrayField(
        models.BigIntegerField(), default=list, help_text="Customers with very different lists."
    )

    objects = RunQuerySet["RecommendationRun"].as_manager()

    class Meta(Run.Meta):
        verbose_name = _("recommendation run")
        verbose_name_plural = _("recommendation runs")
        constraints = [one_in_force(name="recommendationrun_in_force_once")]

    def __str__(self) -> str:
        return f"{self.method} #{self.pk}"


@dataclass(frozen=True)
class ListedProduct:
    """A product on a customer's list. `score` has no unit. `because_id` is the product in their history that
    speaks for it most, None where none does; `because_bought`: they bought it rather than viewed it."""

    product_id: int
    score: float
    because_id: int | None
    because_bought: bool


class CustomerRecommendationsQuerySet(models.QuerySet["CustomerRecommendations"]):
    def in_force(self) -> CustomerRecommendationsQuerySet:
        """The lists of the run in force, less those of customers who opted out of personalisation since."""
        opted_out = Unprofiled.objects.filter(customer=OuterRef("customer"))
        return self.filter(~Exists(opted_out), run__in_force=True)


class CustomerRecommendations(models.Model):
    """One customer's list: four arrays of the same length, best first, written by
    `recommendations.actions.publish` and read through `entries`. Keys are not checked by the database, for
    the reason given at `segments.models.Membership`."""

    run = models.ForeignKey(
        RecommendationRun, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    product_ids: Any = ArrayField(models.BigIntegerField())
    scores: Any = ArrayField(models.FloatField())
    because_ids: Any = ArrayField(models.BigIntegerField(), help_text="NO_REASON where there is none.")
    because_bought: Any = ArrayField(models.BooleanField(), default=list)

    objects = CustomerRecommendationsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "run"], name="recommendations_once")]
        indexes = [models.Index(fields=["run"], name="recommendations_of_run")]

    def __str__(self) -> str:
        return f"{self.customer_id}: {len(self.product_ids)}"

    @property
    def entries(self) -> tuple[ListedProduct, ...]:
        """The list, best first."""
        columns = zip(self.product_ids, self.scores, self.because_ids, self.because_bought, strict=True)
        return tuple(
            ListedProduct(product, score, None if because == NO_REASON else because, bought)
            for product, score, because, bought in columns
        )
