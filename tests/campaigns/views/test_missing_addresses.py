"""The editor's numbers lead to what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from backoffice.models import User
from campaigns.models import Message
from shop.models import Customer
from tests.campaigns.conftest import make_customers, make_segment


@pytest.mark.parametrize("local", [True, False])
def test_people_without_an_address_lead_to_the_import(
    mara: User, ines: User, message: Message, as_user: Any, settings: Any, *, local: bool
) -> None:
    settings.LOCAL, settings.OWN_MAILBOX = local, True
    customers = make_customers(4)
    segment = make_segment(customers)
    asked = {
        "segment": segment.pk,
        "message": message.pk,
        "public_id": "7c0ffee0-0000-4000-8000-000000000001",
    }

    def shown(user: User) -> str:
        return str(as_user(user).get(reverse("campaigns:audience-preview"), asked).content.decode())

    fill, bring = reverse("shop:customers-test-addresses"), reverse("intake:upload-customers")
    assert bring not in shown(mara)
    assert fill not in shown(mara)
    Customer.objects.filter(pk__in=[one.pk for one in customers[:2]]).update(email="")
    assert bring in shown(mara)
    assert (fill in shown(mara)) is local
    assert bring not in shown(ines)
    assert fill not in shown(ines)
