"""Nobody sends anything alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from backoffice.errors import Refused
from backoffice.models import AuditEntry, User
from campaigns.actions import campaigns as actions
from campaigns.actions.messages import save_message
from campaigns.models import Campaign
from tests.campaigns.conftest import make_customers, make_segment

State = Campaign.State


@pytest.fixture
def submitted(make_campaign: Any, mara: User) -> Campaign:
    return actions.submit_campaign(campaign=make_campaign(make_segment(make_customers(3))), by=mara)


def test_a_second_person_approves(submitted: Campaign, anton: User) -> None:
    approved = actions.approve_campaign(
        campaign=submitted, by=anton, version=submitted.version, comment="Good"
    )
    assert (approved.state, approved.decided_by) == (State.APPROVED, anton)
    verbs = list(AuditEntry.about(approved).values_list("verb", flat=True))
    assert verbs == ["campaign.approve", "campaign.submit", "campaign.create"]


def test_nobody_decides_on_their_own_not_even_a_superuser(submitted: Campaign, mara: User) -> None:
    mara.is_superuser = True
    mara.save()
    with pytest.raises(Refused, match="second person"):
        actions.approve_campaign(campaign=submitted, by=mara, version=submitted.version)
    with pytest.raises(Refused, match="second person"):
        actions.reject_campaign(campaign=submitted, by=mara, version=submitted.version, comment="no")


def test_the_author_cannot_approve_what_somebody_else_submitted(
    make_campaign: Any, mara: User, ada: User, anton: User
) -> None:
    campaign = make_campaign(make_segment(make_customers(1)))
    actions.submit_campaign(campaign=campaign, by=ada)
    mara.is_superuser = True
    mara.save()
    with pytest.raises(Refused, match="second person"):
        actions.approve_campaign(campaign=campaign, by=mara, version=1)


def test_rights(submitted: Campaign, ines: User, mara: User, anton: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.approve_campaign(campaign=submitted, by=ines, version=1)
    with pytest.raises(PermissionDenied):
        actions.approve_campaign(campaign=submitted, by=mara, version=1)
    with pytest.raises(PermissionDenied):
        actions.withdraw_campaign(campaign=submitted, by=anton)


def test_approval_of_another_version_is_refused(submitted: Campaign, mara: User, anton: User) -> None:
    seen = submitted.version
    actions.withdraw_campaign(campaign=submitted, by=mara)
    actions.edit_campaign(campaign=submitted, by=mara, version=seen, name="Winter")
    actions.submit_campaign(campaign=submitted, by=mara)
    with pytest.raises(Refused, match="changed"):
        actions.approve_campaign(campaign=submitted, by=anton, version=seen)
    actions.approve_campaign(campaign=submitted, by=anton, version=seen + 1)


def test_rejection_needs_a_comment_and_can_be_mended(
    submitted: Campaign, mara: User, anton: User, as_user: Any
) -> None:
    with pytest.raises(Refused) as refused:
        actions.reject_campaign(campaign=submitted, by=anton, version=1, comment="  ")
    assert refused.value.field == "comment"
    actions.reject_campaign(campaign=submitted, by=anton, version=1, comment="A shorter subject, please.")
    mended = actions.edit_campaign(campaign=submitted, by=mara, version=1, name="Autumn, shorter")
    assert (mended.state, mended.version) == (State.DRAFT, 2)
    for name in ("detail", "edit"):  # while it is changed, and when it is decided again
        assert (
            "A shorter subject, please."
            in as_user(mara).get(reverse(f"campaigns:{name}", args=[mended.pk])).content.decode()
        )


def test_only_one_of_two_deciders_wins(submitted: Campaign, anton: User, ada: User) -> None:
    actions.approve_campaign(campaign=submitted, by=anton, version=1)
    ada.is_superuser = True
    ada.save()
    with pytest.raises(Refused, match="approved"):
        actions.reject_campaign(campaign=submitted, by=ada, version=1, comment="too late")


def test_two_editors(make_campaign: Any, mara: User, ada: User) -> None:
    campaign = make_campaign(make_segment(make_customers(1)))
    actions.edit_campaign(campaign=campaign, by=ada, version=1, name="Ada's")
    with pytest.raises(Refused, match="Somebody changed"):
        actions.edit_campaign(campaign=campaign, by=mara, version=1, name="Mara's")
    campaign.refresh_from_db()
    assert campaign.name == "Ada's"


def test_what_cannot_be_submitted(make_campaign: Any, mara: User) -> None:
    silent = make_segment(make_customers(2, consent=False), slug="silent")
    with pytest.raises(Refused) as nobody:
        actions.submit_campaign(campaign=make_campaign(silent), by=mara)
    assert nobody.value.field == "segment"
    late = make_campaign(
        make_segment(make_customers(2, prefix="d")), send_at=timezone.now() - timedelta(minutes=1)
    )
    with pytest.raises(Refused) as passed:
        actions.submit_campaign(campaign=late, by=mara)
    assert passed.value.field == "send_at"


def test_a_message_under_approval_cannot_change(submitted: Campaign, mara: User) -> None:
    with pytest.raises(Refused, match="Autumn"):
        save_message(by=mara, message=submitted.message, name="Hello", subject="Other", body="Other")
    actions.withdraw_campaign(campaign=submitted, by=mara)
    assert (
        save_message(by=mara, message=submitted.message, name="Hello", subject="Other", body="Other").subject
        == "Other"
    )
