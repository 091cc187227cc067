"""Other ways of grouping customers than the nightly ones."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from segments.models.plans import Plan
from segments.models.segments import Method


class GroupingPlan(Plan):
    """Customers grouped another way: by this method, on these features, into so many groups (NULL: found from
    the data)."""

    METHODS = [Method.KMEANS, Method.MIXTURE, Method.FACTORS]

    method = models.CharField(
        _("method"), max_length=10, choices=[(method.value, method.label) for method in METHODS]
    )
    features: Any = ArrayField(models.CharField(max_length=60), verbose_name=_("features"))
    groups = models.PositiveSmallIntegerField(
        _("number of groups"), null=True, blank=True, validators=[MinValueValidator(2), MaxValueValidator(10)]
    )

    class Meta:
        verbose_name = _("grouping")
        verbose_name_plural = _("groupings")
        ordering = ["title"]
