"""Segments by rule: the rule, who is in it, how large it was."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from segments.models.segments import Segment
from shop.models import CurrencyField, Customer, MoneyField


class RuleQuerySet(models.QuerySet["Rule"]):
    def in_force(self) -> RuleQuerySet:
        return self.filter(archived_at__isnull=True).select_related("segment")


class Rule(models.Model):
    """Who belongs to a segment by rule. Editing it replaces the members in the same transaction."""

    segment = models.OneToOneField(Segment, models.CASCADE, primary_key=True, related_name="rule")
    tree: Any = models.JSONField(
        help_text="The checked tree; its form is described in segments/rules/tree.py."
    )
    references: Any = ArrayField(
        models.BigIntegerField(), default=list, help_text="Ids of the segments that the tree refers to."
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    time_dependent = models.BooleanField(
        default=False, help_text="Whether members change as time passes, without new facts."
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    evaluated_at = models.DateTimeField(_("brought up to date"), null=True)
    problem = models.CharField(
        max_length=300,
        blank=True,
        help_text="Why the members could not be brought up to date: an untranslated message id.",
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return str(self.segment)

    @property
    def is_original(self) -> bool:
        """Whether nobody has changed it since it was made."""
        return self.version == 1


class RuleMember(models.Model):
    """A customer in a segment by rule, as of the rule's `evaluated_at`. No key is checked by the database
    (see `Membership`)."""

    pk = models.CompositePrimaryKey("segment", "customer")
    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="rule_memberships", db_constraint=False
    )
    since = models.DateTimeField(_("in it since"))

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.segment_id}"


class RuleSize(models.Model):
    """How large a segment by rule was at the end of a day of the shop, or is today. Money in `currency`."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="sizes")
    day = models.DateField(_("day"))
    size = models.BigIntegerField(_("customers"))
    share = models.FloatField(_("share of customers"))
    revenue = MoneyField(_("revenue"))
    revenue_share = models.FloatField(_("share of revenue"))
    currency = CurrencyField(_("currency"), blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["segment", "day"], name="rulesize_once")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.day}: {self.size}"
