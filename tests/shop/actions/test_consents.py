"""The ledger of consents: every answer is kept, and a yes can be proven."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from backoffice.errors import Refused
from backoffice.models import AuditEntry, User
from shop.actions.consents import record_consent
from shop.models import Consent, Customer, CustomerTouched
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def record(by: User, customer: Customer, granted: bool, note: str = "by phone") -> Consent:
    return record_consent(
        by=by, customer=customer, channel="email", purpose="marketing", granted=granted, note=note
    )


def test_an_answer_is_appended_audited_and_noted(ada: Any) -> None:
    customer = CustomerFactory()
    record(ada, customer, True)
    latest = record(ada, customer, False)
    assert [consent.granted for consent in customer.consents.order_by("pk")] == [True, False]
    assert AuditEntry.about(latest).get().details["granted"] is False
    assert CustomerTouched.objects.take(10) == [customer.pk]


def test_a_yes_needs_a_proof_and_a_no_does_not(ada: Any) -> None:
    customer = CustomerFactory()
    with pytest.raises(Refused, match="provable"):
        record(ada, customer, True, note=" ")
    assert record(ada, customer, False, note="").granted is False


def test_the_same_answer_again_is_refused(ada: Any) -> None:
    customer = CustomerFactory()
    record(ada, customer, True)
    with pytest.raises(Refused, match="nothing to record"):
        record(ada, customer, True)


def test_marketers_do_not_record_consents(mara: Any) -> None:
    with pytest.raises(PermissionDenied):
        record(mara, CustomerFactory(), True)
