"""What each customer did, counted: the live side of the feature catalogue."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.models import CurrencyField, Customer


class CountersUpdate(models.Model):
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
