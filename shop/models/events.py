"""What visitors did."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.models.customers import Customer
from shop.models.products import Product

# The usual end of a session: events that follow each other within it are one session.
SESSION_GAP = timedelta(minutes=30)


class Event(models.Model):
    """Something a visitor did. Partitioned by month of `occurred_at` (see the migration)."""

    class Kind(models.TextChoices):
        VIEW = "view", pgettext_lazy("event", "viewed")
        CART = "cart", pgettext_lazy("event", "added to cart")
        FAVOURITE = "favourite", pgettext_lazy("event", "marked as favourite")
        SEARCH = "search", pgettext_lazy("event", "searched")
        CHECKOUT = "checkout", pgettext_lazy("event", "started checkout")
        PURCHASE = "purchase", pgettext_lazy("event", "bought")
        AD_CLICK = "ad_click", pgettext_lazy("event", "clicked an ad")
        SHARE = "share", pgettext_lazy("event", "shared")
        PAGE = "page", pgettext_lazy("event", "visited a page")
        OTHER = "other", pgettext_lazy("event", "other")

    occurred_at = models.DateTimeField(_("time"))
    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
        db_index=False,
    )
    anonymous_id = models.CharField(max_length=200, blank=True)
    session_id = models.CharField(max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=200, blank=True)
    product = models.ForeignKey(
        Product,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
        db_index=False,
    )
    dwell_seconds = models.PositiveIntegerField(_("dwell time (s)"), null=True, blank=True)
    properties = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d %H:%M}"
