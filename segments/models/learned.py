"""Segments that are learned from examples."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from segments.models.plans import Plan
from segments.models.segments import Segment
from shop.models import Customer


class LearnedPlan(Plan):
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
                condition=Q(size__isnull=False) ^ Q(precision__isnull=False), name="learned_size_or_precision"
            ),
            models.CheckConstraint(
                condition=Q(source="segment", segment__isnull=False)
                | ~Q(source="segment") & Q(segment__isnull=True),
                name="learned_of_segment",
            ),
        ]


class LearnedExample(models.Model):
    """A customer on the list of examples of a plan."""

    plan = models.ForeignKey(LearnedPlan, models.CASCADE, related_name="examples")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "customer"], name="learned_example_once")]

    def __str__(self) -> str:
        return f"{self.customer_id}"
