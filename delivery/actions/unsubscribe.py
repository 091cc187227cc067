"""Unsubscribing by the link of a message."""

from __future__ import annotations

from django.db import transaction

from delivery.models import Delivery
from shop.models import Consent, Customer, CustomerTouched


def is_silent(*, delivery: Delivery) -> bool:
    """Whether the recipient gets no marketing on the delivery's channel as things stand."""
    return not Customer.objects.filter(pk=delivery.customer_id).consenting(delivery.channel).exists()


@transaction.atomic
def unsubscribe(*, delivery: Delivery) -> None:
    """Withdraw the recipient's consent for the channel the delivery went through: it counts for every record
    with their address. Repeating it writes it once."""
    customer = Customer.objects.select_for_update().get(pk=delivery.customer_id)
    if Customer.objects.filter(pk=customer.pk).consenting(delivery.channel).exists():
        Consent.objects.create(
            customer=customer,
            channel=delivery.channel,
            granted=False,
            source=Consent.Source.UNSUBSCRIBE,
            note=delivery.source_name,
        )
        CustomerTouched.objects.add(Customer.objects.of_person(customer).values_list("pk", flat=True))
