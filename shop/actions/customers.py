"""Erasing customers."""

from __future__ import annotations

from django.db import transaction

from backoffice.errors import require
from backoffice.models import AuditEntry, User
from shop.models import Consent, Customer, CustomerAlias, Event, Order


def erasure_consequences(customer: Customer) -> dict[str, int]:
    """How many rows an erasure would delete (`orders`: how many it would make anonymous)."""
    return {
        "orders": Order.objects.filter(customer=customer).count(),
        "events": Event.objects.filter(customer=customer).count(),
        "consents": Consent.objects.filter(customer=customer).count(),
        "aliases": CustomerAlias.objects.filter(customer=customer).count(),
    }


@transaction.atomic
def erase_customer(*, by: User, customer: Customer) -> dict[str, int]:
    """Delete a customer with everything derived from them; their orders stay as guest orders, so that revenue stays exact.

    Returns the counts of `erasure_consequences`. The audit trail names the row's key and the counts, nothing personal.
    """
    require(by, "shop.erase_customer")
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    counts = erasure_consequences(customer)
    Order.objects.filter(customer=customer).update(customer=None)
    AuditEntry.objects.create(
        by=by, verb="customer.erase", object_type="shop.customer", object_id=str(customer.pk), details=counts
    )
    customer.delete()
    return counts
