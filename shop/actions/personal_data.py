"""Exporting and erasing what is known about a customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from backoffice import personal_data
from backoffice.declarations import Person
from backoffice.errors import require
from backoffice.models import AuditEntry, User
from backoffice.readers import PERSONAL_DATA
from shop.actions.erased import remember, wait_for_writers
from shop.models import Customer, CustomerAlias, CustomerTouched, Event

NOTED_ANEW_AFTER = timedelta(hours=1)


def export_customer_data(*, by: User, customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """Everything that the apps hold about a customer, by table: for the person themselves. The audit trail
    names the row's key alone."""
    require(by, "shop.export_customers")
    require(by, PERSONAL_DATA)
    AuditEntry.objects.create(
        by=by, verb="customer.export_data", object_type="shop.customer", object_id=str(customer.pk)
    )
    return personal_data.held_about(customer)


def note_reading(*, by: User) -> None:
    """Note in the audit trail that somebody reads customers with their addresses by the page, once an
    hour."""
    lately = timezone.now() - NOTED_ANEW_AFTER
    noted = AuditEntry.objects.filter(
        by=by, verb="customer.read_list", object_type="shop.customer", object_id="", at__gt=lately
    )
    if not noted.exists():
        AuditEntry.objects.create(by=by, verb="customer.read_list", object_type="shop.customer", object_id="")


@transaction.atomic
def erase_customer(*, by: User, customer: Customer) -> dict[str, int]:
    """Delete a customer with everything derived from them, wherever it lies; their orders stay as guest
    orders, so that revenue stays exact. Imports and events keep them out from now on.

    Which tables and places hold something is declared by the apps. Returns how many rows each had, by model.
    The audit trail names the row's key and these counts, nothing personal. Raises Refused while a file is
    being written.
    """
    require(by, "shop.erase_customer")
    wait_for_writers()
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    person = _person(customer)
    others = _sharing_address(customer)
    counts = {table.model._meta.label_lower: count for table, count in personal_data.counted(customer)}
    personal_data.detach(customer)
    CustomerTouched.objects.add(others)
    erased = customer.pk
    customer.delete()
    for label, count in personal_data.forget_traces(person).items():
        counts[label] = counts.get(label, 0) + count
    # An address that another customer has stays in use: theirs is not to be kept out.
    remember([person.number, *person.visitor_ids, "" if others else person.email])
    AuditEntry.objects.create(
        by=by, verb="customer.erase", object_type="shop.customer", object_id=str(erased), details=counts
    )
    CustomerTouched.objects.add([erased])  # what was counted with them is counted again
    return counts


def _person(customer: Customer) -> Person:
    visitor_ids = CustomerAlias.objects.filter(customer=customer).values_list("anonymous_id", flat=True)
    return Person(
        number=customer.external_id,
        email=customer.email,
        phone=customer.phone,
        first_name=customer.first_name,
        last_name=customer.last_name,
        visitor_ids=tuple(visitor_ids),
    )


def forget_in_events(person: Person) -> int:
    """Delete the events of visitors without a name that are the person's, or name them."""
    strangers = Event.objects.filter(customer=None)
    mine = strangers.filter(anonymous_id__in=person.visitor_ids)
    about = personal_data.naming(strangers, person, "properties", "name", "anonymous_id")
    return mine.delete()[0] + about.delete()[0]


def _sharing_address(customer: Customer) -> list[int]:
    """The other records of the same person: one of them represents the person from now on."""
    same = (
        Customer.objects.alias(mail=Lower("email"))
        .filter(mail=customer.email.lower())
        .exclude(pk=customer.pk)
    )
    return list(same.values_list("pk", flat=True)) if customer.email else []
