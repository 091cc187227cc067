"""Segments by rule: the rule, who is in it, how large it was; and the counters that rules are asked of."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from segments.models.groups import Segment
from shop.models import CurrencyField, Customer, MoneyField


class RuleQuerySet(models.QuerySet["Rule"]):
    def in_force(self) -> RuleQuerySet:
        return self.filter(archived_at__isnull=True).select_related("segment")


class Rule(models.Model):
    """What decides who is in a segment by rule. Editing it replaces the members in the same transaction."""

    segment = models.OneToOneField(Segment, models.CASCADE, primary_key=True, related_name="rule")
    tree: Any = models.JSONField(
        help_text="The checked tree; its form is described in segments/rules/tree.py."
    )
    asks: Any = ArrayField(
        models.BigIntegerField(), default=list, help_text="The segments that the tree asks about."
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    timed = models.BooleanField(default=False, help_text="Whether membership changes by waiting alone.")
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
    def as_made(self) -> bool:
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
    """How large a segment by rule was at the end of a day (UTC), or is today. Money in `currency`."""

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


class CountersRun(models.Model):
    """A count of everybody. Its currency is that of the counters until the next one."""

    as_of = models.DateTimeField(_("facts until"))
    currency = CurrencyField(_("currency"), blank=True)
    customers = models.BigIntegerField(_("customers"))

    class Meta:
        ordering = ["-as_of"]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}"


class CustomerCounters(models.Model):
    """What a customer did, kept up to date within seconds: the live side of the feature catalogue.

    One row a person, like the features: of several customers who share an address the oldest stands for all.
    A column is named by its feature's key; days since something are kept as the moment, so that they pass by
    themselves. Browsing is counted over the features' window, which moves on once a night.
    """

    MOMENTS: ClassVar = {"recency": "last_order_at", "tenure": "first_order_at"}  # feature -> column
    COUNTED: ClassVar = (
        "frequency",
        "monetary",
        "average_order_value",
        "discount_share",
        "visits",
        "page_views",
        "dwell",
        "return_rate",
        "items_per_order",
        "price_tier",
        "depth",
        "carts_abandoned",
        "searches",
    )

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="counters")
    counted_at = models.DateTimeField()
    last_order_at = models.DateTimeField(null=True)
    first_order_at = models.DateTimeField(null=True)
    frequency = models.FloatField(default=0)
    monetary = models.FloatField(default=0)
    average_order_value = models.FloatField(default=0)
    discount_share = models.FloatField(default=0)
    visits = models.FloatField(default=0)
    page_views = models.FloatField(default=0)
    dwell = models.FloatField(default=0)
    return_rate = models.FloatField(default=0)
    items_per_order = models.FloatField(default=0)
    price_tier = models.FloatField(default=0)
    depth = models.FloatField(default=0)
    carts_abandoned = models.FloatField(default=0)
    searches = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"{self.customer_id}"
