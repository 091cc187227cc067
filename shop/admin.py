"""Lists of facts. Facts come from imports and events, so most are here to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from backoffice.admin.lists import ReadOnlyAdmin, amount_column
from shop.models import AdReport, Consent, Order, OrderLine, Product


@admin.register(Product)
class ProductAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = [
        "title",
        "sku",
        "category",
        "brand",
        amount_column("price", _("price")),
        "stock",
        "active",
    ]
    list_filter = ["kind", "active"]
    search_fields = ["sku", "title", "brand"]
    list_per_page = 50
    show_full_result_count = False


class OrderLineInline(TabularInline):  # type: ignore[misc]
    """Lines are no object of their own to the roles: who may see an order sees what was bought."""

    model = OrderLine
    fields = [
        "product",
        "quantity",
        amount_column("unit_price", _("unit price"), currency="order.currency"),
        amount_column("amount", _("amount"), currency="order.currency"),
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


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    total = amount_column("total", _("total"))
    list_display = ["number", "placed_at", "status", "customer", total, "country"]
    fields = [
        "number",
        "placed_at",
        "status",
        "customer",
        "country",
        amount_column("discount", _("discount")),
        "coupon",
        total,
    ]
    readonly_fields = fields
    list_filter = ["status", "placed_at"]
    search_fields = ["number"]
    list_select_related = ["customer"]
    inlines = [OrderLineInline]
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).with_totals()


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ["recorded_at", "customer", "channel", "purpose", "granted", "source"]
    list_filter = ["channel", "purpose", "granted", "source"]
    search_fields = ["customer__external_id"]
    list_select_related = ["customer"]
    show_full_result_count = False


@admin.register(AdReport)
class AdReportAdmin(ReadOnlyAdmin):
    spend, revenue = amount_column("spend", _("spend")), amount_column("revenue", _("revenue"))
    list_display = ["day", "platform", "placement", "impressions", "clicks", "conversions", spend, revenue]
    fields = list_display
    readonly_fields = [spend, revenue]
    list_filter = ["platform"]
    date_hierarchy = "day"
