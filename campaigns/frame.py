"""What campaigns add to the product."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.declarations import (
    CustomerPanel,
    Frame,
    NavigationItem,
    NextStep,
    RolePermissions,
    Section,
    Side,
    Todo,
    Urgency,
)
from backoffice.models import User
from campaigns.actions.authors import may_decide
from campaigns.models import Campaign


def approvals(user: User) -> Iterator[Todo]:
    """Campaigns of colleagues that wait for this approver."""
    if not user.has_perm("campaigns.approve_campaign"):
        return
    waiting = Campaign.objects.filter(state=Campaign.State.SUBMITTED).exclude(submitted_by=user)
    count = sum(may_decide(campaign, user) for campaign in waiting.select_related("message")[:50])
    if count:
        text = ngettext("%d campaign waits for your approval", "%d campaigns wait for your approval", count)
        yield Todo(text % count, reverse("campaigns:approvals"), Urgency.COLLEAGUE)


def rejections(user: User) -> Iterator[Todo]:
    """Campaigns of this marketer that were rejected."""
    if not user.has_perm("campaigns.edit_campaign"):
        return
    for campaign in Campaign.objects.filter(state=Campaign.State.REJECTED, submitted_by=user)[:3]:
        text = gettext("“%s” was rejected: read the comment and change it") % campaign.name
        yield Todo(text, reverse("campaigns:detail", args=[campaign.pk]), Urgency.COLLEAGUE)


FRAME = Frame(
    navigation=[
        NavigationItem(
            Section.CAMPAIGNS, _("All campaigns"), "campaign", "campaigns:list", "campaigns.view_campaign", 10
        ),
        NavigationItem(
            Section.CAMPAIGNS,
            _("Approvals"),
            "approval",
            "campaigns:approvals",
            "campaigns.view_campaign",
            20,
        ),
        NavigationItem(
            Section.CAMPAIGNS, _("Messages"), "mail", "campaigns:messages", "campaigns.view_message", 30
        ),
    ],
    audit={
        "campaign.approve": gettext_noop("approved the campaign"),
        "campaign.begin": gettext_noop("started sending the campaign"),
        "campaign.cancel": gettext_noop("cancelled the campaign"),
        "campaign.create": gettext_noop("created the campaign"),
        "campaign.duplicate": gettext_noop("copied the campaign from another"),
        "campaign.edit": gettext_noop("changed the campaign"),
        "campaign.look_again": gettext_noop("took the approval back, because something changed"),
        "campaign.refuse": gettext_noop("refused a decision on the campaign"),
        "campaign.reject": gettext_noop("rejected the campaign"),
        "campaign.resend": gettext_noop("sent messages with unconfirmed delivery again"),
        "campaign.submit": gettext_noop("submitted the campaign for approval"),
        "campaign.withdraw": gettext_noop("withdrew the campaign"),
        "message.create": gettext_noop("created the message"),
        "message.edit": gettext_noop("changed the message"),
    },
    next_steps={
        "campaigns": NextStep(_("Campaigns"), "campaigns:list", "campaigns.view_campaign"),
        "start_campaign": NextStep(_("Start a campaign"), "campaigns:new", "campaigns.edit_campaign"),
    },
    customer_panels=[CustomerPanel("campaigns:customer-panel", "campaigns.view_campaign", Side.LEFT, 20)],
    todos=[approvals, rejections],
    permissions=RolePermissions(
        everybody=[
            "campaigns.view_campaign",
            "campaigns.view_message",
        ],
        marketer=[
            "campaigns.edit_campaign",
            "campaigns.submit_campaign",
            "campaigns.change_message",
        ],
        approver=["campaigns.approve_campaign"],
    ),
    derived=[Campaign],
)
