"""What is sold."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.models.fields import CurrencyField, MoneyField


class Product(models.Model):
    class Kind(models.TextChoices):
        PRODUCT = "product", _("product")
        CONTENT = "content", _("content")

    sku = models.CharField(_("SKU"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    description = models.TextField(_("description"), blank=True)
    category = models.CharField(_("category"), max_length=200, blank=True)
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    price = MoneyField(_("price"), null=True, blank=True)
    cost = MoneyField(_("cost"), null=True, blank=True)
    currency = CurrencyField(_("currency"), blank=True)
    stock = models.IntegerField(_("stock"), null=True, blank=True)
    image_url = models.CharField(_("image"), max_length=500, blank=True)
    url = models.CharField(_("page"), max_length=500, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PRODUCT)
    active = models.BooleanField(_("on sale"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [models.Index(fields=["category"])]

    def __str__(self) -> str:
        return self.title or self.sku
