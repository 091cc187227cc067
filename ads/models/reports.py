"""What ad platforms reported."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.models import CurrencyField, MoneyField


class AdReport(models.Model):
    """What an ad platform reported for one placement and day."""

    day = models.DateField(_("day"))
    platform = models.CharField(_("platform"), max_length=60)
    placement = models.CharField(_("placement"), max_length=120)
    impressions = models.BigIntegerField(_("impressions"), default=0)
    clicks = models.BigIntegerField(_("clicks"), default=0)
    conversions = models.BigIntegerField(_("conversions"), default=0)
    spend = MoneyField(_("spend"), default=Decimal(0))
    revenue = MoneyField(_("revenue"), default=Decimal(0))
    currency = CurrencyField(_("currency"))

    class Meta:
        verbose_name = _("ad report")
        verbose_name_plural = _("ad reports")
        constraints = [models.UniqueConstraint(fields=["platform", "placement", "day"], name="adreport_once")]

    def __str__(self) -> str:
        return f"{self.platform} {self.placement} {self.day}"
