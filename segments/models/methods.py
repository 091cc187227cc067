"""What staff asked for: other ways of grouping, segments learned from examples."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from segments.models.groups import Method, Segment
from shop.models import Customer


class Asked(models.Model):
    """A question of somebody's. Its runs are published under its topic."""

    title = models.CharField(_("name"), max_length=60)
    topic = models.SlugField(max_length=30, unique=True)
    active = models.BooleanField(_("refreshed every night"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class GroupingPlan(Asked):
    """Customers grouped another way: by this method, on these features, into so many groups (NULL: found from
    the data)."""

    METHODS = [Method.KMEANS, Method.MIXTURE, Method.FACTORS]

    method = models.CharField(_("method"), max_length=10, choices=[(one.value, one.label) for one in METHODS])
    features: Any = ArrayField(models.CharField(max_length=60), verbose_name=_("features"))
    groups = models.PositiveSmallIntegerField(
        _("number of groups"), null=True, blank=True, validators=[MinValueValidator(2), MaxValueValidator(10)]
    )

    class Meta:
        verbose_name = _("grouping")
        verbose_name_plural = _("groupings")
        ordering = ["title"]


class Learner(Asked):
    """A segment that is learned: who is like the examples. The examples are a list of customers, the members
    of a segment, or those to whom something happened."""

    class Source(models.TextChoices):
        LIST = "list", _("a list of customers")
        SEGMENT = "segment", _("a segment")
        RETURNED = "returned", _("customers who returned something in the last 90 days")
        COUPON = "coupon", _("customers who used a coupon in the last 90 days")
        AGAIN = "again", _("customers who bought at least twice in the last 90 days")

    class Estimator(models.TextChoices):
        FOREST = "forest", _("random forest")
        SVM = "svm", _("support vector machine")

    source = models.CharField(_("examples"), max_length=10, choices=Source)
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("segment")
    )
    estimator = models.CharField(_("method"), max_length=10, choices=Estimator, default=Estimator.FOREST)
    size = models.PositiveIntegerField(_("how many customers"), null=True, blank=True)
    precision = models.FloatField(
        _("share that must be right"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.05), MaxValueValidator(0.99)],
    )
    with_examples = models.BooleanField(
        _("with the examples"),
        default=False,
        help_text=_("Otherwise only those who are like the examples and not among them."),
    )

    class Meta:
        verbose_name = _("learned segment")
        verbose_name_plural = _("learned segments")
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(size__isnull=False) ^ Q(precision__isnull=False), name="learner_size_or_precision"
            ),
            models.CheckConstraint(
                condition=Q(source="segment", segment__isnull=False)
                | ~Q(source="segment") & Q(segment__isnull=True),
                name="learner_of_segment",
            ),
        ]


class LearnerExample(models.Model):
    """A customer on the list that a learner was given."""

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="examples")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["learner", "customer"], name="learner_example_once")]

    def __str__(self) -> str:
        return f"{self.customer_id}"
