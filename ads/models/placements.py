"""Where ads can be bought."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from shop.models import CurrencyField, MoneyField


class PlacementQuerySet(models.QuerySet["Placement"]):
    def main_currency(self) -> str:
        """The currency in which most active placements are priced; empty without any."""
        counts = self.filter(active=True).order_by().values("currency").annotate(total=Count("pk"))
        most = counts.order_by("-total", "currency").first()
        return most["currency"] if most else ""


class Placement(models.Model):
    """A place where ads can be bought, what it costs and what it is expected to return."""

    class Pricing(models.TextChoices):
        CPC = "cpc", _("per click (CPC)")
        CPM = "cpm", _("per thousand impressions (CPM)")
        CPA = "cpa", _("per conversion (CPA)")

    name = models.CharField(_("name"), max_length=120)
    platform = models.CharField(_("platform"), max_length=60)
    pricing = models.CharField(_("pricing"), max_length=3, choices=Pricing)
    price = MoneyField(_("price"), validators=[MinValueValidator(Decimal("0.0001"))])
    currency = CurrencyField(_("currency"))
    click_rate = models.FloatField(
        _("click-through rate (CTR)"), null=True, blank=True, help_text=_("Clicks per impression, 0 to 1.")
    )
    conversion_rate = models.FloatField(
        _("conversion rate"), null=True, blank=True, help_text=_("Conversions per click, 0 to 1.")
    )
    conversion_value = MoneyField(
        _("value of a conversion"), help_text=_("Expected revenue of one conversion.")
    )
    min_spend = MoneyField(_("minimum spend"), default=Decimal(0))
    max_spend = MoneyField(_("maximum spend"), null=True, blank=True)
    active = models.BooleanField(_("active"), default=True)
    by_hand = models.BooleanField(
        _("kept by hand"),
        default=False,
        help_text=_("Staff entered these figures; ad reports do not overwrite them."),
    )

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ["platform", "name"]
        constraints = [
            models.UniqueConstraint(fields=["platform", "name"], name="placement_once"),
            models.CheckConstraint(condition=Q(price__gt=0), name="placement_price_positive"),
            models.CheckConstraint(
                condition=Q(min_spend__gte=0)
                & (Q(max_spend__isnull=True) | Q(max_spend__gte=F("min_spend"))),
                name="placement_bounds",
            ),
            models.CheckConstraint(
                condition=(Q(click_rate__isnull=True) | Q(click_rate__range=(0, 1)))
                & (Q(conversion_rate__isnull=True) | Q(conversion_rate__range=(0, 1))),
                name="placement_rates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} - {self.name}"

    @property
    def cost_per_conversion(self) -> float | None:
        """Expected cost of one conversion in the placement's currency; None while a rate that it needs is
        unknown.

        CPC: price / conversion rate. CPM: price / 1000 / (click rate x conversion rate). CPA: the price.
        """
        if self.pricing == self.Pricing.CPA:
            return float(self.price)
        clicks = self.clicks_per_unit
        return 1 / (clicks * self.conversion_rate) if clicks and self.conversion_rate else None

    @property
    def clicks_per_unit(self) -> float | None:
        """Expected clicks per unit of money spent; None while unknown."""
        if self.pricing == self.Pricing.CPC:
            return 1 / float(self.price)
        if self.pricing == self.Pricing.CPM:
            return 1000 / float(self.price) * self.click_rate if self.click_rate else None
        return 1 / float(self.price) / self.conversion_rate if self.conversion_rate else None

    @property
    def impressions_per_unit(self) -> float | None:
        """Expected impressions per unit of money spent; None while unknown."""
        if self.pricing == self.Pricing.CPM:
            return 1000 / float(self.price)
        return self.clicks_per_unit / self.click_rate if self.clicks_per_unit and self.click_rate else None

    @property
    def conversions_per_unit(self) -> float | None:
        return 1 / self.cost_per_conversion if self.cost_per_conversion else None

    @property
    def roas(self) -> float | None:
        """Expected value of conversions for one unit of spend (ROAS); None while a rate is unknown."""
        per_unit = self.conversions_per_unit
        return per_unit * float(self.conversion_value) if per_unit else None
