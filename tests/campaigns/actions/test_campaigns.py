"""Writing campaigns."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.errors import Refused
from backoffice.models import User
from campaigns.actions import campaigns as actions
from tests.campaigns.conftest import make_customers, make_segment


def test_two_editors(make_campaign: Any, mara: User, ada: User) -> None:
    campaign = make_campaign(make_segment(make_customers(1)))
    actions.edit_campaign(campaign=campaign, by=ada, version=1, name="Ada's")
    with pytest.raises(Refused, match="Somebody changed"):
        actions.edit_campaign(campaign=campaign, by=mara, version=1, name="Mara's")
    campaign.refresh_from_db()
    assert campaign.name == "Ada's"
