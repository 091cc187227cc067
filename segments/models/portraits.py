"""What a segment looks like from close by: too slow to compute while a page waits."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.fields import DataclassField
from segments.models.profiles import Profile
from segments.models.segments import Segment
from shop.models import CurrencyField


@dataclass(frozen=True)
class ProductLift:
    """A product (its id) that members buy more than others: the share of members and of everybody who bought
    it, and `lift`, the one over the other."""

    product: int
    buyers: int
    share: float
    overall: float
    lift: float


@dataclass(frozen=True)
class ProductLifts:
    """Strongest first."""

    rows: tuple[ProductLift, ...] = ()


@dataclass(frozen=True)
class BuyerSample:
    """Buyers by column: days since the last order, money spent; without their ids."""

    days: tuple[int, ...] = ()
    spent: tuple[float, ...] = ()


@dataclass(frozen=True)
class PortraitMap:
    """Samples of all buyers and of the members among them."""

    everybody: BuyerSample = BuyerSample()
    members: BuyerSample = BuyerSample()


class SegmentPortrait(models.Model):
    """The latest portrait of a segment, whatever its method. Money in `currency`."""

    segment = models.OneToOneField(Segment, models.CASCADE, primary_key=True, related_name="portrait")
    as_of = models.DateTimeField(_("facts until"))
    size = models.BigIntegerField(_("customers"))
    currency = CurrencyField(_("currency"), blank=True)
    profile = DataclassField(Profile)
    products = DataclassField(ProductLifts)
    picture = DataclassField(PortraitMap)

    class Meta:
        verbose_name = _("segment profile")
        verbose_name_plural = _("segment profiles")

    def __str__(self) -> str:
        return str(self.segment)
