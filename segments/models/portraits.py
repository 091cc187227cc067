"""What a segment looks like from close by: too slow to compute while a page waits."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from segments.models.groups import Segment
from shop.models import CurrencyField


class SegmentPortrait(models.Model):
    """The latest portrait of a segment, whatever its method. Money in `currency`."""

    segment = models.OneToOneField(Segment, models.CASCADE, primary_key=True, related_name="portrait")
    as_of = models.DateTimeField(_("facts until"))
    size = models.BigIntegerField(_("customers"))
    currency = CurrencyField(_("currency"), blank=True)
    profile: Any = models.JSONField(default=dict, help_text="As in SegmentSnapshot.profile.")
    products: Any = models.JSONField(
        default=list,
        help_text="[{product, buyers, share, overall, lift}]: what they buy more than others, strongest first.",
    )
    picture: Any = models.JSONField(
        default=dict,
        help_text="{everybody, members}: samples of [days since the last order, money spent] without ids.",
    )

    class Meta:
        verbose_name = _("portrait")
        verbose_name_plural = _("portraits")

    def __str__(self) -> str:
        return str(self.segment)
