"""A segment stays while a campaign waits to be sent to it."""

from __future__ import annotations

import pytest

from backoffice.errors import Refused
from campaigns.datasets.segment_users import waiting_campaigns
from campaigns.models import Campaign
from segments.actions.rules.catch_up import recount
from segments.actions.rules.saving import archive_rule, save_rule
from tests.campaigns.conftest import make_customers

pytestmark = pytest.mark.django_db
AGREED = {"field": "consent.email", "op": "=", "value": True}


def test_a_segment_that_a_campaign_waits_for_is_not_archived(approved, mara):
    make_customers(2)
    recount()
    segment = save_rule(tree=AGREED, name="Agreed", by=mara)
    campaign = approved(segment)
    assert waiting_campaigns(segment) == [campaign.name]
    with pytest.raises(Refused, match=campaign.name):
        archive_rule(segment=segment, by=mara)
    Campaign.objects.update(state=Campaign.State.CANCELLED)
    assert waiting_campaigns(segment) == []
    archive_rule(segment=segment, by=mara)
