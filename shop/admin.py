"""Lists of facts. Facts come from imports and events, so most are here to look at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline

from backoffice.admin.lists import EmptyList, ReadOnlyAdmin, amount_column
from backoffice.templatetags.formats import country, money, price
from shop.models import Consent, Order, OrderLine, Product


@admin.register(Product)
class ProductAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    empty_list = EmptyList(
        gettext_lazy(
            "Products come with the orders of your shop: import a file of orders, and what was sold stands "
            "here."
        ),
        "import_orders",
    )
    list_display = [
        "title",
        "sku",
        "category",
        "brand",
        amount_column("price", gettext_lazy("price")),
        "stock",
        "active",
    ]
    list_filter = ["kind", "active"]
    search_fields = ["sku", "title", "brand"]
    list_per_page = 50
    show_full_result_count = False


def _price_of_a_piece(amount: Decimal, currency: str) -> str:
    """To four decimals: the rest only serves that the line is worth its stated total."""
    return price(round(amount, 4), currency)


class OrderLineInline(TabularInline):  # type: ignore[misc]  # Unfold has no types
    """Lines are no object of their own to the roles: who may see an order sees what was bought."""

    model = OrderLine
    fields = [
        "product",
        "quantity",
        amount_column(
            "unit_price", gettext_lazy("unit price"), currency="order.currency", write=_price_of_a_piece
        ),
        amount_column("amount", gettext_lazy("amount"), currency="order.currency"),
    ]
    readonly_fields = fields
    hide_title = True
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return super().get_queryset(request).select_related("product", "order").order_by("pk")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("shop.view_order"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _order_link(order: Order) -> str:
    return format_html('<a href="{}">{}</a>', reverse("admin:shop_order_change", args=[order.pk]), order)


@admin.display(description=gettext_lazy("country"), ordering="country")
def country_column(order: Order) -> str:
    """The country in the reader's language."""
    return country(order.country)


@admin.display(description=gettext_lazy("customer"))
def customer_link(order: Order) -> str:
    """The customer's name, which leads to their page."""
    if order.customer is None:
        return _("guest")
    return format_html(
        '<a href="{}">{}</a>', reverse("shop:customer", args=[order.customer_id]), order.customer
    )


@admin.display(description=gettext_lazy("status"), ordering="status")
def status_with_sale(order: Order) -> str:
    """The status; of what was given back, also the order that it gives back."""
    tone = {Order.Status.CANCELLATION: "warn", Order.Status.PENDING: "busy"}.get(
        Order.Status(order.status), "good"
    )
    badge = format_html('<span class="mo-badge {}">{}</span>', tone, order.get_status_display())
    if not order.refund_of_id:
        return badge
    # The sale may not have been reported yet: then its number is all that is known.
    sale = _order_link(order.refund_of) if order.refund_of else order.refund_of_id
    return format_html("{} {}", badge, format_html(_("of {}"), sale))


@admin.display(description=gettext_lazy("given back by"))
def refunds(order: Order) -> str:
    """The orders that give this one back, with their totals."""
    rows: Any = order.refunds.with_totals().order_by("placed_at")  # each with its `total`
    shown = [(_order_link(refund), money(refund.total, refund.currency)) for refund in rows]
    return format_html_join(", ", "{} ({})", shown) or "–"


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Newest first. Money is written with its currency's own decimals."""

    empty_list = EmptyList(
        gettext_lazy("Import the orders of your shop, or send them as events."),
        "import_orders",
    )
    ordering = ["-placed_at", "-pk"]
    total = amount_column("total", gettext_lazy("total"), write=money)
    list_display = ["number", "placed_at", status_with_sale, customer_link, total, country_column]
    fields = [
        "number",
        "placed_at",
        status_with_sale,
        refunds,
        customer_link,
        country_column,
        amount_column("discount", gettext_lazy("discount")),
        "coupon",
        amount_column("total", gettext_lazy("total")),
    ]
    readonly_fields = fields
    list_filter = ["status", "placed_at"]
    search_fields = ["number"]
    list_select_related = ["customer", "refund_of"]
    inlines = [OrderLineInline]
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).with_totals()


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    empty_list = EmptyList(
        gettext_lazy("Consent comes with your customers: a column of the file says who agreed to what."),
        "import_customers",
    )
    list_display = ["recorded_at", "customer", "channel", "purpose", "granted", "source"]
    list_filter = ["channel", "purpose", "granted", "source"]
    search_fields = ["customer__external_id"]
    list_select_related = ["customer"]
    show_full_result_count = False
