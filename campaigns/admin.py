"""Campaigns in the admin: to look at, and to decide with the same actions as on the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin import ReadOnlyAdmin, amount_column
from backoffice.errors import Refused
from campaigns.actions.campaigns import approve_campaign
from campaigns.models import BudgetPlan, Campaign, Delivery, Placement
from campaigns.tasks import ring_delivery


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ["name", "state", "segment", "message", "send_at", "submitted_by", "decided_by", "page"]
    list_filter = ["state"]
    search_fields = ["name"]
    list_select_related = ["segment", "message", "submitted_by", "decided_by"]
    actions = ["approve"]

    @admin.display(description=_("decide"))
    def page(self, campaign: Campaign) -> str:
        """Rejecting needs a comment, and deciding needs the numbers: both are on the campaign's own page."""
        return format_html('<a href="{}">{}</a>', reverse("campaigns:detail", args=[campaign.pk]), gettext("open"))

    @admin.action(description=_("Approve the chosen campaigns"))
    def approve(self, request: HttpRequest, chosen: Any) -> None:
        for campaign in chosen:
            try:
                approve_campaign(campaign=campaign, by=request.user, version=campaign.version)  # type: ignore[arg-type]
            except Refused as refused:
                messages.error(request, f"{campaign.name}: {refused.message}")
            else:
                ring_delivery()
                messages.success(request, gettext("“%s” is approved.") % campaign.name)

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.approve_campaign")

    approve.allowed_permissions = ["approve"]  # type: ignore[attr-defined]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["campaign", "customer", "state", "why", "sent_at"]
    list_filter = ["state"]
    fields = ["campaign", "customer", "channel", "state", "why", "attempts", "not_before", "created_at", "sent_at"]
    readonly_fields = ["why"]
    search_fields = ["customer__external_id"]
    list_select_related = ["campaign", "customer"]
    show_full_result_count = False

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, delivery: Delivery) -> str:
        return delivery.reason_text


@admin.register(Placement)
class PlacementAdmin(ReadOnlyAdmin):
    price, value = amount_column("price", _("price")), amount_column("conversion_value", _("value of a conversion"))
    least, most = amount_column("min_spend", _("minimum spend")), amount_column("max_spend", _("maximum spend"))
    list_display = ["platform", "name", "pricing", price, value, "active", "by_hand"]
    fields = ["name", "platform", "pricing", price, "click_rate", "conversion_rate", value, least, most, "active", "by_hand"]
    readonly_fields = [price, value, least, most]
    list_filter = ["platform", "active", "by_hand"]
    search_fields = ["platform", "name"]


@admin.register(BudgetPlan)
class BudgetPlanAdmin(ReadOnlyAdmin):
    budget, spent = amount_column("budget", _("budget")), amount_column("spent", _("spent"))
    expected = amount_column("expected_return", _("expected return"))
    list_display = ["created_at", "created_by", budget, "status", expected, "published"]
    fields = ["created_at", "created_by", budget, "currency", "status", expected, spent, "shadow_price", "published"]
    readonly_fields = [budget, expected, spent]
    list_filter = ["status", "published"]
    list_select_related = ["created_by"]
