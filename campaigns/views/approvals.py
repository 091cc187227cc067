"""Pages of approvals: what waits for a second person, and every step of a campaign from draft to sent."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.pages import StaffRequest, page, staff_page
from campaigns.actions import approvals as actions
from campaigns.actions.campaigns import cancel_campaign
from campaigns.actions.sending import resend_unknown
from campaigns.models import Campaign
from campaigns.views.campaigns import may_decide, submitted_sentence, terms_shown, with_names
from delivery.tasks import queue_delivery


@staff_page("campaigns.view_campaign")
def approvals(request: StaffRequest) -> HttpResponse:
    waiting = [
        {
            "campaign": campaign,
            "may_decide": may_decide(request, campaign),
            **terms_shown(campaign),
        }
        for campaign in with_names().filter(state=Campaign.State.SUBMITTED).order_by("submitted_at")
    ]
    decided = with_names().filter(decided_at__isnull=False).order_by("-decided_at")[:20]
    return page(request, "campaigns/approvals.html", title=_("Approvals"), waiting=waiting, decided=decided)


def _version(request: StaffRequest) -> int:
    """The version the page showed; 0, which no campaign has, when the request does not say."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _approve(request: StaffRequest, campaign: Campaign) -> str:
    actions.approve_campaign(
        campaign=campaign,
        by=request.user,
        seen=request.POST.get("seen", ""),
        comment=request.POST.get("comment", ""),
    )
    queue_delivery()
    return _("Approved: it is sent when its time comes.")


def _reject(request: StaffRequest, campaign: Campaign) -> str:
    version = _version(request)
    actions.reject_campaign(
        campaign=campaign, by=request.user, version=version, comment=request.POST.get("comment", "")
    )
    return _("Rejected: the author sees your comment.")


def _submit(request: StaffRequest, campaign: Campaign) -> str:
    actions.submit_campaign(campaign=campaign, by=request.user)
    return submitted_sentence(campaign)


def _withdraw(request: StaffRequest, campaign: Campaign) -> str:
    actions.withdraw_campaign(campaign=campaign, by=request.user)
    return _("Withdrawn: you can change it and submit it again.")


def _cancel(request: StaffRequest, campaign: Campaign) -> str:
    cancel_campaign(campaign=campaign, by=request.user)
    return _("Cancelled: nothing more is sent.")


def _resend(request: StaffRequest, campaign: Campaign) -> str:
    again = resend_unknown(campaign=campaign, by=request.user)
    queue_delivery()
    return ngettext("%d message is sent again.", "%d messages are sent again.", again) % again


TRANSITIONS: dict[str, Callable[[StaffRequest, Campaign], str]] = {
    "approve": _approve,
    "reject": _reject,
    "submit": _submit,
    "withdraw": _withdraw,
    "cancel": _cancel,
    "resend": _resend,
}


@require_POST
@staff_page("campaigns.view_campaign")
def move(request: StaffRequest, pk: int, transition: str) -> HttpResponse:
    """Move a campaign on by one of TRANSITIONS; the action checks the right."""
    campaign = get_object_or_404(with_names(), pk=pk)
    messages.success(request, TRANSITIONS[transition](request, campaign))
    if request.POST.get("from") == "approvals":
        return redirect("campaigns:approvals")
    return redirect("campaigns:detail", pk=pk)
