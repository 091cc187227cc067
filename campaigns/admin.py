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
from campaigns.actions.approvals import approve_campaign
from campaigns.actions.authors import may_decide
from campaigns.actions.terms import changed_since, terms_now, words
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
        """First shows what would be approved; what is then confirmed carries the terms that were shown."""
        if "confirmed" not in request.POST:
            return _look_again(request, chosen)
        for campaign in chosen:
            seen = request.POST.get(f"seen_{campaign.pk}", "")
            try:
                approve_campaign(campaign=campaign, by=staff_of(request), seen=seen)
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
                (
                    campaign,
                    gettext(
                        "You wrote or submitted this campaign, its message or its rule: a second person must "
                        "decide."
                    ),
                )
            )
        else:
            look_again = words(campaign.look_again or changed_since(campaign))
            waiting.append((campaign, audience(campaign), terms_now(campaign).token, look_again))
    return page(
        request,
        "campaigns/approve_chosen.html",
        title=gettext("Approve the chosen campaigns"),
        waiting=waiting,
        others=others,
    )
