"""What goes together: rules found in baskets and in behaviour."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AssociationRun(models.Model):
    """One search for rules; the newest is shown, earlier ones are deleted with their rules."""

    as_of = models.DateTimeField(_("facts until"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    baskets = models.BigIntegerField(
        _("baskets"), help_text="Orders with at least two different things in them."
    )
    people = models.BigIntegerField(_("people who looked at products"))
    at_least = models.PositiveIntegerField(_("baskets a rule needs"))

    class Meta:
        verbose_name = _("search for what goes together")
        verbose_name_plural = _("searches for what goes together")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"


class AssociationRule(models.Model):
    """Who has all of `given` also has `then`: names of categories or titles of products."""

    class Kind(models.TextChoices):
        CATEGORIES = "categories", _("Categories in one order")
        PRODUCTS = "products", _("Products in one order")
        VIEWED = "viewed", _("Looked at, then bought")

    run = models.ForeignKey(AssociationRun, models.CASCADE, related_name="rules")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    rank = models.PositiveIntegerField(help_text="1 is the strongest of its kind.")
    given: Any = ArrayField(models.CharField(max_length=300), verbose_name=_("who has"))
    then = models.CharField(_("also has"), max_length=300)
    count = models.BigIntegerField(_("how often"))
    support = models.FloatField(_("share of all"))
    confidence = models.FloatField(_("share of those who have the first"))
    lift = models.FloatField(_("times as often as usual"))

    class Meta:
        verbose_name = _("association rule")
        verbose_name_plural = _("association rules")
        constraints = [models.UniqueConstraint(fields=["run", "kind", "rank"], name="association_rank_once")]

    def __str__(self) -> str:
        return f"{' + '.join(self.given)} -> {self.then}"
