"""What was bought, and what was given back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.models.fields import CurrencyField, MoneyField
from shop.models.products import Product

GIVES_BACK = Q(quantity__lt=0) | Q(amount__lt=0)  # of lines


class OrderQuerySet(models.QuerySet["Order"]):
    def sales(self) -> OrderQuerySet:
        """Purchases: paid orders that are not only returns. In SQL they are the view `shop_purchase`."""
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by()
        worth = lines.values("order").annotate(total=Sum("amount"), most=Max("quantity"))
        kept = Exists(worth.filter(total__gte=0, most__gt=0))
        return self.filter(~Exists(lines.filter(GIVES_BACK)) | kept, status=Order.Status.PAID)

    def with_totals(self) -> OrderQuerySet:
        """Each with `total`, the sum of its lines. A subquery, so that a page of a million orders adds up its
        own only."""
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
        return self.annotate(total=Subquery(lines.annotate(total=Sum("amount")).values("total")))

    def until(self, as_of: datetime) -> OrderQuerySet:
        return self.filter(placed_at__lt=as_of)


class Order(models.Model):
    """A sale, or the cancellation or return of one (negative lines), which names the sale as `refund_of`
    where that is known. Guest orders have no customer."""

    class Status(models.TextChoices):
        PAID = "paid", pgettext_lazy("order", "paid")
        CANCELLATION = "cancellation", pgettext_lazy("order", "cancellation or return")
        PENDING = "pending", pgettext_lazy("order", "not paid yet")

    number = models.CharField(_("order number"), max_length=100, unique=True)
    customer = models.ForeignKey(
        "shop.Customer",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("customer"),
        db_index=False,
    )
    placed_at = models.DateTimeField(_("placed"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PAID)
    currency = CurrencyField(_("currency"))
    country = models.CharField(_("country"), max_length=60, blank=True)
    discount = MoneyField(_("discount"), default=Decimal(0))
    coupon = models.CharField(_("coupon"), max_length=60, blank=True)
    # By number, and without a constraint: what was given back may be reported before the sale is.
    refund_of = models.ForeignKey(
        "self",
        models.CASCADE,
        to_field="number",
        null=True,
        blank=True,
        related_name="refunds",
        verbose_name=_("gives back"),
        db_column="refund_of",
        db_constraint=False,
        db_index=False,
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["customer", "placed_at"], name="order_customer_placed"),
            models.Index(fields=["placed_at"], name="order_placed"),
            models.Index(fields=["refund_of"], name="order_refund_of", condition=Q(refund_of__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """Quantity is negative on returned and cancelled lines. `key` distinguishes the lines of an order, so
    that a file read twice adds nothing: the shop's line id, or a digest of the line's content and its
    occurrence number."""

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="lines", verbose_name=_("order"), db_index=False
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    key = models.CharField(max_length=64)
    quantity = models.IntegerField(_("quantity"))
    # So many decimals that a stated total survives: 22.92 for 7 pieces is 3.27428571428571 each, and 22.92
    # again.
    unit_price = MoneyField(_("unit price"), max_digits=28, decimal_places=14)
    amount = models.GeneratedField(
        expression=F("quantity") * F("unit_price"),
        output_field=MoneyField(),
        db_persist=True,
        verbose_name=_("amount"),
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="orderline_once")]
        indexes = [models.Index(fields=["order"], name="orderline_gives_back", condition=GIVES_BACK)]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"
