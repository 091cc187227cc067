"""Nobody sends anything alone, and nothing is sent that a second person has not seen as it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from backoffice.errors import Refused
from backoffice.models import AuditEntry, User
from campaigns.actions import approvals as actions
from campaigns.actions.campaigns import edit_campaign
from campaigns.actions.messages import save_message
from campaigns.actions.sending import begin_due_campaigns
from campaigns.actions.terms import terms_now
from campaigns.models import Campaign, Message
from segments.actions.rules.catch_up import recount
from segments.actions.rules.saving import save_rule
from segments.models import Rule, Segment
from shop.models import ShopProfile
from tests.campaigns.conftest import make_customers, make_segment

State = Campaign.State


def approve(campaign: Campaign, by: User, *, comment: str = "") -> Campaign:
    """With the terms as they are now."""
    seen = terms_now(Campaign.objects.get(pk=campaign.pk)).token
    return actions.approve_campaign(campaign=campaign, by=by, seen=seen, comment=comment)


@pytest.fixture
def submitted(make_campaign: Any, mara: User) -> Campaign:
    return actions.submit_campaign(campaign=make_campaign(make_segment(make_customers(3))), by=mara)


def test_a_second_person_approves(submitted: Campaign, anton: User) -> None:
    approved = approve(submitted, anton, comment="Good")
    assert (approved.state, approved.decided_by) == (State.APPROVED, anton)
    verbs = list(AuditEntry.about(approved).values_list("verb", flat=True))
    assert verbs == ["campaign.approve", "campaign.submit", "campaign.create"]


def test_nobody_decides_on_their_own_not_even_a_superuser(submitted: Campaign, mara: User) -> None:
    mara.is_superuser = True
    mara.save()
    with pytest.raises(Refused, match="second person"):
        approve(submitted, mara)
    with pytest.raises(Refused, match="second person"):
        actions.reject_campaign(campaign=submitted, by=mara, version=submitted.version, comment="no")


def test_rights(submitted: Campaign, ines: User, mara: User, anton: User) -> None:
    with pytest.raises(PermissionDenied):
        approve(submitted, ines)
    with pytest.raises(PermissionDenied):
        approve(submitted, mara)
    with pytest.raises(PermissionDenied):
        actions.withdraw_campaign(campaign=submitted, by=anton)


def test_approval_of_another_version_is_refused(submitted: Campaign, mara: User, anton: User) -> None:
    seen, version = terms_now(submitted).token, submitted.version
    actions.withdraw_campaign(campaign=submitted, by=mara)
    edit_campaign(campaign=submitted, by=mara, version=version, name="Winter")
    actions.submit_campaign(campaign=submitted, by=mara)
    with pytest.raises(Refused, match="changed"):
        actions.approve_campaign(campaign=submitted, by=anton, seen=seen)
    submitted.refresh_from_db()
    approve(submitted, anton)


def test_rejection_needs_a_comment_and_can_be_mended(
    submitted: Campaign, mara: User, anton: User, as_user: Any
) -> None:
    with pytest.raises(Refused) as refused:
        actions.reject_campaign(campaign=submitted, by=anton, version=1, comment="  ")
    assert refused.value.field == "comment"
    actions.reject_campaign(campaign=submitted, by=anton, version=1, comment="A shorter subject, please.")
    mended = edit_campaign(campaign=submitted, by=mara, version=1, name="Autumn, shorter")
    assert (mended.state, mended.version) == (State.DRAFT, 2)
    for name in ("detail", "edit"):  # while it is changed, and when it is decided again
        assert (
            "A shorter subject, please."
            in as_user(mara).get(reverse(f"campaigns:{name}", args=[mended.pk])).content.decode()
        )


def test_only_one_of_two_deciders_wins(submitted: Campaign, anton: User, ada: User) -> None:
    approve(submitted, anton)
    ada.is_superuser = True
    ada.save()
    with pytest.raises(Refused, match="approved"):
        actions.reject_campaign(campaign=submitted, by=ada, version=1, comment="too late")


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


def _changes(campaign: Campaign, mara: User) -> dict[str, Any]:
    """Part -> a change to it that goes past every page."""
    customers = make_customers(30, prefix="more")
    return {
        "settings": lambda: Campaign.objects.filter(pk=campaign.pk).update(holdout_percent=9),
        "message": lambda: Message.objects.update(subject="Other"),
        "shop": lambda: ShopProfile.objects.rename("Another shop"),
        "people": lambda: make_segment([*campaign.segment.members(), *customers]),
        "rule": lambda: Segment.objects.filter(pk=campaign.segment_id).update(custom_name="Others"),
    }


@pytest.mark.parametrize("part", ["settings", "message", "shop", "people", "rule"])
def test_any_change_voids_an_approval(part: str, submitted: Campaign, mara: User, anton: User) -> None:
    seen = terms_now(submitted).token
    change = _changes(submitted, mara)[part]
    with transaction.atomic():
        point = transaction.savepoint()
        change()
        with pytest.raises(Refused, match="Look again"):  # on a page that was open before
            actions.approve_campaign(campaign=submitted, by=anton, seen=seen)
        transaction.savepoint_rollback(point)
    actions.approve_campaign(campaign=submitted, by=anton, seen=seen)
    change()
    assert begin_due_campaigns() == []  # and between approval and launch
    submitted.refresh_from_db()
    assert (submitted.state, submitted.decided_by, submitted.look_again) == (State.SUBMITTED, None, [part])
    entry = AuditEntry.about(submitted).get(verb="campaign.look_again")
    assert entry.details == {"changed": [part]}
    approve(submitted, anton)
    assert [campaign.pk for campaign in begin_due_campaigns()] == [submitted.pk]


def test_a_wider_rule_reaches_nobody_more(approved: Any, ada: User, mara: User, anton: User) -> None:
    make_customers(3, prefix="b")
    recount()
    segment = save_rule(tree={"field": "consent.email", "op": "=", "value": True}, name="Few", by=ada)
    campaign = approved(segment)
    Rule.objects.filter(segment=segment).update(version=9)
    assert begin_due_campaigns() == []
    campaign.refresh_from_db()
    assert campaign.look_again == ["rule"]
    ada.is_superuser = True
    ada.save()
    with pytest.raises(Refused, match="second person"):  # who wrote the rule is an author
        approve(campaign, ada)
    refusal = AuditEntry.about(campaign).filter(verb="campaign.refuse").get()
    assert (refusal.by, refusal.details) == (ada, {"tried": "approve", "why": "author"})


def test_the_database_refuses_an_author(submitted: Campaign, anton: User) -> None:
    with pytest.raises(IntegrityError, match="campaign_decided_by_no_author"):
        Campaign.objects.filter(pk=submitted.pk).update(
            state=State.APPROVED, decided_by=anton, authors=[anton.pk]
        )
