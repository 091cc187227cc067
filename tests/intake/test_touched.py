"""Wherever something arrives about a customer, a note of it is left in the same transaction."""

from __future__ import annotations

import io

import pytest
from django.db import transaction
from django.utils import timezone

from intake.actions.events import ingest
from intake.actions.imports import import_file, take_file
from shop.actions.consents import record_consent
from shop.actions.demo.removal import remove_demo
from shop.actions.demo.seeding import seed_demo
from shop.actions.personal_data import erase_customer
from shop.actions.test_addresses import fill_test_addresses, remove_test_addresses
from shop.models import Customer, CustomerTouched
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
ORDERS = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,TEA,6,2010-12-01 08:26:00,2.55,C1,France
2,A,TEA,6,2010-12-01 08:26:00,2.55,,France
3,A,TEA,6,2010-12-02 08:26:00,2.55,C2,France
"""
PEOPLE = "customer_id,email,country\nC1,a@example.com,France\nC2,,France\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def touched():
    """Who was touched since the last look."""
    return sorted(
        Customer.objects.in_bulk(CustomerTouched.objects.take(1000)).values(),
        key=lambda customer: customer.external_id,
    )


def names():
    return [customer.external_id for customer in touched()]


def bring(text, **how):
    return take_file(file=io.BytesIO(text.encode()), filename="file.csv", by=None, **how).pk


def send(by, *messages):
    ingest(by=by, messages=list(messages), received_at=timezone.now())


def test_by_files(db):
    import_file(import_id=bring(ORDERS))
    assert names() == ["C1", "C2"]
    import_file(import_id=bring(ORDERS + "4,A,TEA,6,2010-12-02 08:26:00,2.55,C3,France\n"))
    assert "C3" in names()
    import_file(import_id=bring(PEOPLE, format="customers"))
    assert names() == ["C1"]  # of the other it said nothing new


def test_by_what_systems_report(ada):
    seen = {"product_id": "A"}
    send(
        ada,
        {
            "type": "track",
            "event": "Product Viewed",
            "anonymousId": "v1",
            "messageId": "1",
            "properties": seen,
        },
    )
    assert names() == []  # nobody knows who that was
    send(ada, {"type": "identify", "userId": "C1", "anonymousId": "v1", "messageId": "2"})
    assert names() == ["C1"]
    bought = {"order_id": "7", "products": [{"product_id": "A", "price": 5}]}
    send(
        ada,
        {"type": "track", "event": "Order Completed", "userId": "C1", "messageId": "3", "properties": bought},
    )
    assert names() == ["C1"]
    refund = {
        "type": "track",
        "event": "Order Refunded",
        "anonymousId": "till",
        "messageId": "4",
        "properties": {"order_id": "7"},
    }
    send(ada, refund)
    assert names() == ["C1"]  # whose order it was, not who spoke
    send(ada, refund)
    assert names() == []  # a repetition


def test_by_staff(ada, settings):
    settings.LOCAL = settings.OWN_MAILBOX = True
    known = CustomerFactory(external_id="C1", email="same@example.com")
    CustomerFactory(external_id="C2", email="Same@example.com")
    CustomerFactory(external_id="C3", email="")
    record_consent(
        by=ada, customer=known, channel="email", granted=True, purpose="marketing", note="by phone"
    )
    assert names() == ["C1", "C2"]  # a word counts for the person
    fill_test_addresses(by=ada)
    assert names() == ["C3"]
    remove_test_addresses(by=ada)
    assert names() == ["C3"]
    erase_customer(by=ada, customer=known)
    assert names() == ["C2"]  # who stands for the person from now on


def test_by_the_demo(db):
    seed_demo(customers=20)
    assert len(CustomerTouched.objects.take(1000)) == 20
    seed = CustomerTouched.objects
    seed.add(Customer.objects.values_list("pk", flat=True))
    remove_demo()
    assert not seed.exists()


def test_what_is_rolled_back_leaves_no_note(ada):
    with transaction.atomic():
        send(ada, {"type": "identify", "userId": "C1", "messageId": "2"})
        transaction.set_rollback(True)
    assert names() == []


def test_the_oldest_notes_are_taken_first_and_once(db):
    first, second = CustomerFactory(), CustomerFactory()
    CustomerTouched.objects.add([second.pk])
    CustomerTouched.objects.add([first.pk, second.pk])
    assert CustomerTouched.objects.take(1) == [second.pk]
    assert CustomerTouched.objects.take(10) == [first.pk, second.pk]
    assert CustomerTouched.objects.take(10) == []
