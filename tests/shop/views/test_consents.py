"""Recording a consent by its page."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from backoffice.models import AuditEntry
from shop.models import Customer

pytestmark = pytest.mark.django_db


def test_consent_is_appended_with_who_and_how(
    three: list[Customer], ada: Any, mara: Any, as_user: Any
) -> None:
    bo = three[1]
    address = reverse("shop:customer-consent", args=[bo.pk])
    words = {"channel": "email", "purpose": "marketing", "granted": "yes", "note": ""}
    assert as_user(mara).post(address, words | {"note": "phone"}).status_code == 403
    assert "provable" in as_user(ada).post(address, words).text
    assert as_user(ada).post(address, words | {"note": "by phone, 12 May"}).status_code == 302
    assert list(bo.consents.order_by("pk").values_list("granted", flat=True)) == [True, False, True]
    latest = bo.consents.latest("recorded_at")
    assert (latest.source, latest.note) == ("staff", "by phone, 12 May")
    assert AuditEntry.about(latest).get().by == ada
    assert "nothing to record" in as_user(ada).post(address, words | {"note": "again"}).text
    bo.email = "bo@example.com"
    bo.save()
    assert bo in Customer.objects.contactable("email")
