"""Features that staff make of imported attributes, and what the last grouping found each feature to be
worth."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.fields import DataclassField
from profiles.reviews import Verdicts


class CustomFeature(models.Model):
    """A feature read from imported attributes. A date counts as the days since; of a category, having `value`
    counts 1."""

    class Kind(models.TextChoices):
        NUMBER = "number", pgettext_lazy("attribute", "number")
        CATEGORY = "category", pgettext_lazy("attribute", "category")
        DATE = "date", pgettext_lazy("attribute", "date")

    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(_("name"), max_length=100)
    attribute = models.CharField(_("attribute"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(_("value"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=20)
    active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("feature of your own")
        verbose_name_plural = _("features of your own")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["attribute", "kind", "value"], name="custom_feature_once")
        ]

    def __str__(self) -> str:
        return self.title


class FeatureReview(models.Model):
    """How much each feature tells about customers, judged when they were last grouped; the newest is shown,
    earlier ones are deleted.

    `categories` are those that customers were compared by then: their shares are features until the next
    grouping.
    """

    as_of = models.DateTimeField(_("facts until"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    customers = models.BigIntegerField(_("customers"))
    never_bought = models.BigIntegerField(_("customers without an order"))
    categories: Any = ArrayField(models.CharField(max_length=300), default=list)
    verdicts = DataclassField(Verdicts)

    class Meta:
        verbose_name = _("review of features")
        verbose_name_plural = _("reviews of features")
        get_latest_by = "created_at"

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"
