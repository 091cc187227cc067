"""Lists of facts. Facts come from imports and events, so most are here to look at."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from backoffice.admin import ReadOnlyAdmin
from shop.models import AdReport, Consent, Order, OrderLine, Product


@admin.register(Product)
class ProductAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ["title", "sku", "category", "brand", "price", "currency", "stock", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["sku", "title", "brand"]
    list_per_page = 50
    show_full_result_count = False


class OrderLineInline(TabularInline):  # type: ignore[misc]
    model = OrderLine
    fields = ["product", "quantity", "unit_price", "amount"]
    readonly_fields = fields
    can_delete = False
    extra = 0


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "placed_at", "status", "customer", "currency", "country"]
    list_filter = ["status"]
    search_fields = ["number"]
    list_select_related = ["customer"]
    inlines = [OrderLineInline]
    list_per_page = 50
    show_full_result_count = False


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ["recorded_at", "customer", "channel", "purpose", "granted", "source"]
    list_filter = ["channel", "purpose", "granted", "source"]
    search_fields = ["customer__external_id"]
    list_select_related = ["customer"]
    show_full_result_count = False


@admin.register(AdReport)
class AdReportAdmin(ReadOnlyAdmin):
    list_display = ["day", "platform", "placement", "impressions", "clicks", "conversions", "spend", "revenue", "currency"]
    list_filter = ["platform"]
    date_hierarchy = "day"
