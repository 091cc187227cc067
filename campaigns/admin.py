"""Campaigns in the admin: to look at, and to decide with the same actions as on the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin import ReadOnlyAdmin
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

    @admin.display(description=gettext_lazy("decide"))
    def page(self, campaign: Campaign) -> str:
        """Rejecting needs a comment, and deciding needs the numbers: both are on the campaign's own page."""
        return format_html('<a href="{}">{}</a>', reverse("campaigns:detail", args=[campaign.pk]), _("open"))

    @admin.action(description=gettext_lazy("Approve the chosen campaigns"))
    def approve(self, request: HttpRequest, chosen: Any) -> None:
        for campaign in chosen:
            try:
                approve_campaign(campaign=campaign, by=request.user, version=campaign.version)  # type: ignore[arg-type]
            except Refused as refused:
                messages.error(request, f"{campaign.name}: {refused.message}")
            else:
                ring_delivery()
                messages.success(request, _("“%s” is approved.") % campaign.name)

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

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, delivery: Delivery) -> str:
        return delivery.reason_text


@admin.register(Placement)
class PlacementAdmin(ReadOnlyAdmin):
    list_display = ["platform", "name", "pricing", "price", "currency", "conversion_value", "active", "by_hand"]
    list_filter = ["platform", "active", "by_hand"]
    search_fields = ["platform", "name"]


@admin.register(BudgetPlan)
class BudgetPlanAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "created_by", "budget", "currency", "status", "expected_return", "published"]
    list_filter = ["status", "published"]
    exclude = ["explanation"]
    list_select_related = ["created_by"]
