"""Whoever wrote a part of a campaign is an author, whatever their role."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.actions import record
from backoffice.errors import Refused
from backoffice.models import ApiKey, AuditEntry, User
from campaigns.actions import approvals as actions
from campaigns.actions.authors import authors_of, may_decide
from campaigns.actions.campaigns import edit_campaign
from campaigns.actions.messages import save_message
from segments.actions.rules.catch_up import recount
from segments.actions.rules.saving import save_rule
from tests.campaigns.actions.test_approvals import approve
from tests.campaigns.conftest import make_customers, make_segment


def test_the_author_cannot_approve_what_somebody_else_submitted(
    make_campaign: Any, mara: User, ada: User, anton: User
) -> None:
    campaign = make_campaign(make_segment(make_customers(1)))
    actions.submit_campaign(campaign=campaign, by=ada)
    mara.is_superuser = True
    mara.save()
    with pytest.raises(Refused, match="second person"):
        approve(campaign, mara)


def test_who_wrote_the_message_is_an_author(make_campaign: Any, mara: User, anton: User, ada: User) -> None:
    campaign = make_campaign(make_segment(make_customers(2)))
    ada.is_superuser = True
    ada.save()
    save_message(by=ada, message=campaign.message, name="Hello", subject="Mine", body="Mine")
    actions.submit_campaign(campaign=campaign, by=mara)
    with pytest.raises(Refused, match="second person"):
        approve(campaign, ada)
    approve(campaign, anton)


def test_the_maker_of_a_key_does_not_approve_what_it_submitted(
    make_campaign: Any, mara: User, anton: User
) -> None:
    key = ApiKey(name="partner", owner=mara)
    ApiKey.objects.assign_key(key)
    key.save()
    record(by=anton, verb="api_key.create", about=key)
    campaign = make_campaign(make_segment(make_customers(2)))
    submitted = actions.submit_campaign(campaign=campaign, by=mara, key=key)
    assert AuditEntry.about(submitted).get(verb="campaign.submit").details["api_key"] == "partner"
    with pytest.raises(Refused, match="second person"):
        approve(submitted, anton)


def test_who_wrote_before_an_approval_that_stands_is_no_longer_an_author(
    approved: Any, make_campaign: Any, mara: User, ada: User
) -> None:
    """A second person saw those words; a later change makes an author again."""
    segment = make_segment(make_customers(2))
    message = make_campaign(segment, name="First").message
    save_message(by=ada, message=message, name="Hello", subject="Hi", body="Hello")
    assert not may_decide(make_campaign(segment, name="Second"), ada)
    approved(segment, name="Third")
    assert may_decide(make_campaign(segment, name="Fourth"), ada)


def test_editors_and_rule_writers_are_authors(make_campaign: Any, mara: User, ada: User, anton: User) -> None:
    make_customers(2)
    recount()
    agreed = {"field": "consent.email", "op": "=", "value": True}
    inner = save_rule(tree=agreed, name="Agreed", by=ada)
    outer = save_rule(tree={"field": "segment", "op": "in", "value": [inner.pk]}, name="Outer", by=mara)
    campaign = make_campaign(outer)
    assert authors_of(campaign) == {mara.pk, ada.pk}  # the rule that the rule refers to counts
    edited = edit_campaign(campaign=campaign, by=mara, version=1, name="Other")
    assert edited.authors == [mara.pk]
    assert may_decide(edited, anton)
