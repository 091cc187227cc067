"""Exporting and erasing what is known about a customer."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Lower

from backoffice import personal_data
from backoffice.errors import require
from backoffice.models import AuditEntry, User
from shop.models import Customer, CustomerTouched


def export_customer_data(*, by: User, customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """Everything that the apps hold about a customer, by table: for the person themselves. The audit trail
    names the row's key alone."""
    require(by, "shop.export_customers")
    AuditEntry.objects.create(
        by=by, verb="customer.export_data", object_type="shop.customer", object_id=str(customer.pk)
    )
    return personal_data.held_about(customer)


@transaction.atomic
def erase_customer(*, by: User, customer: Customer) -> dict[str, int]:
    """Delete a customer with everything derived from them; their orders stay as guest orders, so that revenue
    stays exact.

    Which tables hold something is declared by the apps. Returns how many rows each had, by model. The audit
    trail names the row's key and these counts, nothing personal.
    """
    require(by, "shop.erase_customer")
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    counts = {table.model._meta.label_lower: count for table, count in personal_data.counted(customer)}
    personal_data.detach(customer)
    CustomerTouched.objects.add(_sharing_address(customer))
    AuditEntry.objects.create(
        by=by, verb="customer.erase", object_type="shop.customer", object_id=str(customer.pk), details=counts
    )
    erased = customer.pk
    customer.delete()
    CustomerTouched.objects.add([erased])  # what was counted with them is counted again
    return counts


def _sharing_address(customer: Customer) -> list[int]:
    """The other records of the same person: one of them represents the person from now on."""
    same = (
        Customer.objects.alias(mail=Lower("email"))
        .filter(mail=customer.email.lower())
        .exclude(pk=customer.pk)
    )
    return list(same.values_list("pk", flat=True)) if customer.email else []
