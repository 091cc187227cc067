"""Deciding in the admin: the same rules as on the pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backoffice.models import User
from campaigns.actions.approvals import submit_campaign
from campaigns.actions.terms import terms_now
from campaigns.models import Campaign
from tests.campaigns.conftest import make_customers, make_segment


def test_admin_approves_with_the_same_rules(
    anton: User, mara: User, make_campaign: Any, as_user: Any
) -> None:
    campaign = submit_campaign(campaign=make_campaign(make_segment(make_customers(7))), by=mara)
    draft = make_campaign(campaign.segment, name="Unready")
    url, chosen = (
        reverse("admin:campaigns_campaign_changelist"),
        {"action": "approve", "_selected_action": [campaign.pk, draft.pk]},
    )
    shown = as_user(anton).post(url, chosen).content.decode()
    assert f'name="seen_{campaign.pk}" value="{terms_now(campaign).token}"' in shown
    assert '<td class="num">7</td>' in shown
    assert "Unready: draft" in shown

    def confirm(seen: str) -> str:
        as_user(anton).post(url, {**chosen, "confirmed": "1", f"seen_{campaign.pk}": seen})
        campaign.refresh_from_db()
        return campaign.state

    seen = terms_now(campaign).token
    Campaign.objects.filter(pk=campaign.pk).update(
        version=2
    )  # changed, and submitted again, while the approver was looking
    assert confirm(seen) == "submitted"
    assert confirm(terms_now(campaign).token) == "approved"
    assert campaign.decided_by == anton


def test_admin_offers_nobody_their_own(anton: User, mara: User, make_campaign: Any, as_user: Any) -> None:
    campaign = make_campaign(
        make_segment(make_customers(1)), state=Campaign.State.SUBMITTED, submitted_by=anton
    )
    chosen = {"action": "approve", "_selected_action": [campaign.pk]}
    shown = as_user(anton).post(reverse("admin:campaigns_campaign_changelist"), chosen).content.decode()
    assert "a second person must decide" in shown
    assert "confirmed" not in shown
