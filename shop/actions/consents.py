"""Answers of customers about what they may be sent."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from shop.models import Consent, Customer, CustomerTouched


@transaction.atomic
def record_consent(
    *, by: User, customer: Customer, channel: str, granted: bool, purpose: str, note: str
) -> Consent:
    """Append what a customer answered to a member of staff; the ledger keeps every earlier answer.
    `note`: how they answered.

    Raises Refused without a note when consent is granted (it must be provable) and when nothing would
    change.
    """
    require(by, "shop.change_consent")
    if granted and not note.strip():
        raise Refused(
            _("Say how the customer agreed, for example “by phone, 12 May”: consent must be provable."),
            field="note",
        )
    Customer.objects.select_for_update().get(
        pk=customer.pk
    )  # two people at once: the second sees the first one's answer
    latest = (
        Consent.objects.filter(customer__person=customer.person, channel=channel, purpose=purpose)
        .order_by("-recorded_at", "granted", "-pk")
        .first()
    )
    if latest and latest.granted == granted:
        raise Refused(_("That is already the customer's latest answer: nothing to record."), field="granted")
    consent = Consent.objects.create(
        customer=customer,
        channel=channel,
        purpose=purpose,
        granted=granted,
        source=Consent.Source.STAFF,
        note=note.strip(),
    )
    CustomerTouched.objects.add(Customer.objects.of_person(customer).values_list("pk", flat=True))
    record(by=by, verb="consent.record", about=consent, channel=channel, purpose=purpose, granted=granted)
    return consent
