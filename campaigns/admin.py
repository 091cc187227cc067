"""Campaigns in the admin: to look at, and to decide with the same actions as on the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.lists import ReadOnlyAdmin, staff_of
from backoffice.errors import Refused
from backoffice.pages import page
from campaigns.actions.campaigns import approve_campaign, may_decide
from campaigns.datasets.audiences import audience
from campaigns.models import Campaign
from delivery.tasks import queue_delivery


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
        return format_html(
            '<a href="{}">{}</a>', reverse("campaigns:detail", args=[campaign.pk]), gettext("open")
        )

    @admin.action(description=_("Approve the chosen campaigns"))
    def approve(self, request: HttpRequest, chosen: Any) -> HttpResponse | None:
        """First shows what would be approved; what is then confirmed carries the version that was shown."""
        if "confirmed" not in request.POST:
            return _look_again(request, chosen)
        for campaign in chosen:
            typed = request.POST.get(f"version_{campaign.pk}", "")
            version = int(typed) if typed.isdecimal() and len(typed) < 10 else 0  # no campaign has version 0
            try:
                approve_campaign(campaign=campaign, by=staff_of(request), version=version)
            except Refused as refused:
                messages.error(request, f"{campaign.name}: {refused.message}")
            else:
                queue_delivery()
                messages.success(request, gettext("“%s” is approved.") % campaign.name)
        return None

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.approve_campaign")

    approve.allowed_permissions = ["approve"]  # type: ignore[attr-defined]  # read by Django's admin


def _look_again(request: HttpRequest, chosen: Any) -> HttpResponse:
    """The chosen campaigns with their numbers of people, and why some of them cannot be approved."""
    waiting, others = [], []
    for campaign in chosen:
        if campaign.state != Campaign.State.SUBMITTED:
            others.append((campaign, campaign.get_state_display()))
        elif not may_decide(campaign, staff_of(request)):
            others.append(
                (campaign, gettext("You wrote or submitted this campaign: a second person must decide."))
            )
        else:
            waiting.append((campaign, audience(campaign)))
    return page(
        request,
        "campaigns/approve_chosen.html",
        title=gettext("Approve the chosen campaigns"),
        waiting=waiting,
        others=others,
    )
