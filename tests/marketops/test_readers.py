"""One permission decides at every door whether a reader sees names and addresses."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.models import AuditEntry
from backoffice.readers import sees_personal_data
from delivery.models import MailboxMessage
from intake.models import FileImport, RejectedRow
from segments.models import Segment
from shop.models import Customer
from tests.factories import (
    ApiKeyFactory,
    CampaignFactory,
    ConsentFactory,
    CustomerFactory,
    DeliveryFactory,
    FileImportFactory,
    OrderLineFactory,
    PredictionFactory,
    RuleFactory,
    RuleMemberFactory,
)

pytestmark = pytest.mark.django_db

PERSONAL = ("Wilma", "Quastel", "quastel@", "+49307719112", "Secretstreet")


@pytest.fixture
def wilma() -> Customer:
    wilma: Customer = CustomerFactory(
        external_id="KD-77191",
        email="w.quastel@example.com",
        phone="+49307719112",
        first_name="Wilma",
        last_name="Quastel",
        attributes={"street": "Secretstreet"},
    )
    ConsentFactory(customer=wilma)
    OrderLineFactory(order__customer=wilma)
    PredictionFactory(customer=wilma, run__in_force=True)
    return wilma


@pytest.fixture
def addresses(wilma: Customer) -> list[str]:
    """Of pages, fragments, lists and exports that speak of the customer."""
    segment: Segment = RuleFactory().segment
    RuleMemberFactory(segment=segment, customer=wilma)
    campaign = CampaignFactory(segment=segment, message__subject="For {{ first_name }}")
    DeliveryFactory(customer=wilma, source_id=campaign.pk)
    upload: FileImport = FileImportFactory(rows_read=1, rows_rejected=1, finished_at="2026-01-01T00:00Z")
    RejectedRow.objects.create(
        file_import=upload, row_number=1, field="email", row="Wilma,w.quastel@example.com"
    )
    mail = MailboxMessage.objects.create(recipient=wilma.email, sender="s@example.com", subject="Hi Wilma")
    prefix = f"/customers/{wilma.pk}/"
    return [
        "/customers/",
        "/customers/?q=Wilma",
        "/customers/export.csv",
        "/customers/without-address.csv",
        prefix,
        reverse("segments:detail", args=[segment.pk]),
        reverse("predictions:overview"),
        reverse("campaigns:deliveries", args=[campaign.pk]),
        reverse("campaigns:deliveries", args=[campaign.pk]) + "?format=csv",
        reverse("campaigns:audience", args=[campaign.pk]),
        reverse("delivery:mailbox"),
        reverse("delivery:mail", args=[mail.pk]),
        reverse("intake:import", args=[upload.pk]),
        reverse("intake:rejected", args=[upload.pk]),
        "/admin/shop/order/",
        "/admin/shop/consent/",
        "/admin/delivery/delivery/",
        "/api/v1/customers/",
        f"/api/v1/customers/{wilma.external_id}/",
        "/api/v1/customers/?email=w.quastel@example.com",
    ]


def body(answer: Any) -> str:
    return str((answer.getvalue() if answer.streaming else answer.content).decode())


def test_an_analyst_reads_no_personal_data(addresses: list[str], ines: Any, mara: Any, as_user: Any) -> None:
    analyst, marketer = as_user(ines), as_user(mara)
    shown_to_marketer = []
    for address in addresses:
        for door, allowed in ((analyst, False), (marketer, True)):
            answer = door.get(address)
            assert answer.status_code in ({200} if allowed else {200, 403}), address
            named = [word for word in PERSONAL if word in body(answer)]
            if address == "/customers/?q=Wilma":
                named = [word for word in named if word != "Wilma"]  # what was typed
            if allowed:
                shown_to_marketer += named
            else:
                assert not named, address
    assert set(shown_to_marketer) == set(PERSONAL)
    assert "KD-77191" in body(analyst.get("/customers/"))
    assert "KD-77191" not in body(analyst.get("/customers/?q=quastel"))


def test_an_api_key_shows_what_its_owner_may_see(wilma: Customer, ines: Any, mara: Any) -> None:
    def ask(owner: Any, path: str = "/api/v1/customers/") -> Any:
        return Client().get(path, headers={"Authorization": f"Bearer {ApiKeyFactory(owner=owner).key}"})

    (blank,) = ask(ines).json()["results"]
    assert (blank["external_id"], blank["email"], blank["attributes"]) == ("KD-77191", "", {})
    assert ask(ines, "/api/v1/customers/?email=w.quastel@example.com").status_code == 403
    assert not AuditEntry.objects.filter(verb="customer.read_list").exists()
    for _page in range(3):
        (full,) = ask(mara).json()["results"]
    assert full["email"] == wilma.email
    assert AuditEntry.objects.get(verb="customer.read_list").by == mara


def test_what_writes_for_nobody_shows_everything(wilma: Customer) -> None:
    assert sees_personal_data()
    assert str(wilma) == "Wilma Quastel"
