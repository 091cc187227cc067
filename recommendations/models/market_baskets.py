"""Market baskets: association rules found in orders and in behaviour."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.runs import Run, RunQuerySet, one_in_force


class MarketBasketRun(Run):
    """One search for rules. Only the run in force is kept."""

    baskets = models.BigIntegerField(_("orders"), help_text="Paid orders of the year that were searched.")
    viewers = models.BigIntegerField(_("customers who viewed products"))
    minimum_count = models.PositiveIntegerField(_("minimum count of a rule"))

    objects = RunQuerySet["MarketBasketRun"].as_manager()

    class Meta(Run.Meta):
        verbose_name = _("market basket run")
        verbose_name_plural = _("market basket runs")
        constraints = [one_in_force(name="marketbasketrun_in_force_once")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"


class AssociationRule(models.Model):
    """Baskets with all `antecedents` also hold the `consequent`: names of categories or titles of
    products."""

    class Kind(models.TextChoices):
        CATEGORIES = "categories", _("Categories in one order")
        PRODUCTS = "products", _("Products in one order")
        VIEWED = "viewed", _("Viewed, then bought")

    run = models.ForeignKey(MarketBasketRun, models.CASCADE, related_name="rules")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    rank = models.PositiveIntegerField(help_text="1 is the strongest of its kind.")
    antecedents: Any = ArrayField(models.CharField(max_length=300), verbose_name=_("antecedents"))
    consequent = models.CharField(_("consequent"), max_length=300)
    count = models.BigIntegerField(_("count"), help_text="Orders, or customers who viewed, with all of it.")
    support = models.FloatField(_("support"), help_text="Count as a share of all orders or viewers.")
    confidence = models.FloatField(
        _("confidence"), help_text="Count as a share of those with the antecedents."
    )
    lift = models.FloatField(_("lift"), help_text="Confidence against the consequent's share of all.")

    class Meta:
        verbose_name = _("association rule")
        verbose_name_plural = _("association rules")
        constraints = [models.UniqueConstraint(fields=["run", "kind", "rank"], name="association_rank_once")]

    def __str__(self) -> str:
        return f"{' + '.join(self.antecedents)} -> {self.consequent}"
