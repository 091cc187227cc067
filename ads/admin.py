"""Placements, ad reports and budget plans in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ads.models import AdReport, BudgetPlan, Placement
from backoffice.admin.lists import ReadOnlyAdmin, amount_column
from backoffice.templatetags.formats import money


@admin.register(Placement)
class PlacementAdmin(ReadOnlyAdmin):
    price, value = (
        amount_column("price", _("price")),
        amount_column("conversion_value", _("value of a conversion"), write=money),
    )
    least, most = (
        amount_column("min_spend", _("minimum spend")),
        amount_column("max_spend", _("maximum spend")),
    )
    list_display = ["platform", "name", "pricing", price, value, "active", "by_hand"]
    fields = [
        "name",
        "platform",
        "pricing",
        price,
        "click_rate",
        "conversion_rate",
        value,
        least,
        most,
        "active",
        "by_hand",
    ]
    readonly_fields = [price, value, least, most]
    list_filter = ["platform", "active", "by_hand"]
    search_fields = ["platform", "name"]


@admin.register(BudgetPlan)
class BudgetPlanAdmin(ReadOnlyAdmin):
    budget, spent = amount_column("budget", _("budget")), amount_column("spent", _("spent"))
    expected = amount_column("expected_return", _("expected return"))
    list_display = ["created_at", "created_by", budget, "status", expected, "in_force"]
    fields = [
        "created_at",
        "created_by",
        budget,
        "currency",
        "status",
        expected,
        spent,
        "shadow_price",
        "in_force",
    ]
    readonly_fields = [budget, expected, spent]
    list_filter = ["status", "in_force"]
    list_select_related = ["created_by"]


@admin.register(AdReport)
class AdReportAdmin(ReadOnlyAdmin):
    spend = amount_column("spend", _("spend"))
    revenue = amount_column("revenue", _("revenue"))
    list_display = ["day", "platform", "placement", "impressions", "clicks", "conversions", spend, revenue]
    fields = list_display
    readonly_fields = [spend, revenue]
    list_filter = ["platform"]
    date_hierarchy = "day"
