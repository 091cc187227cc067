"""What is known about a customer is exported whole, and erased without losing revenue."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from backoffice.models import AuditEntry
from shop.actions.personal_data import erase_customer, export_customer_data
from shop.models import Customer, CustomerTouched, Order
from tests.factories import CustomerFactory, OrderFactory

pytestmark = pytest.mark.django_db


def test_an_export_names_each_table_and_the_audit_trail_nobody(mara: Any, ines: Any) -> None:
    customer = CustomerFactory(external_id="C1", email="ann@example.com")
    OrderFactory(customer=customer)
    data = export_customer_data(by=mara, customer=customer)
    assert data["shop.customer"][0]["email"] == "ann@example.com"
    assert len(data["shop.order"]) == 1
    assert "ann" not in str(AuditEntry.objects.values_list("label", "details"))
    with pytest.raises(PermissionDenied):
        export_customer_data(by=ines, customer=customer)


def test_an_erased_customer_leaves_guest_orders(ada: Any) -> None:
    customer = CustomerFactory(email="same@example.com")
    other = CustomerFactory(email="Same@example.com")
    order = OrderFactory(customer=customer)
    counts = erase_customer(by=ada, customer=customer)
    assert (counts["shop.order"], counts["shop.customer"]) == (1, 1)
    assert Order.objects.get().pk == order.pk
    assert Order.objects.get().customer is None
    assert list(Customer.objects.all()) == [other]
    assert other.pk in CustomerTouched.objects.take(10), "who shares the address stands for the person now"
