"""After an erasure nothing in any table or file names the person, and nothing brings them back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from backoffice.models import AuditEntry, IdempotentAnswer
from delivery.models import MailboxMessage
from intake.actions.events import ingest
from intake.actions.imports import import_file, take_file
from intake.models import FileImport, RejectedRow
from shop.models import Consent, Customer, CustomerAlias, Erased, Event, Order
from tests.factories import (
    CustomerFactory,
    DeliveryFactory,
    JobRunFactory,
    MembershipFactory,
    PredictionFactory,
)

pytestmark = pytest.mark.django_db

NUMBER, EMAIL = "KD-77191", "Wilma.Quastel@Example.com"
NAMES = ("Wilma", "Quastel")
VISITOR = "visitor-5f21c0aa"
WORDS = (NUMBER, EMAIL, *NAMES, VISITOR, "+49 30 7719112")
PEOPLE = f"""customer_id,email,first_name,last_name,phone,consent_email,consent_at
{NUMBER},{EMAIL},Wilma,Quastel,+49 30 7719112,yes,2026-01-05
KD-2,ben@example.com,Ben,Hall,,yes,2026-01-05
,{EMAIL},Wilma,Quastel,,perhaps,2026-01-05
"""
ORDERS = f"""order_number,ordered_at,sku,quantity,unit_price,currency,customer_id,email
D-1,2026-01-06 10:00:00,S-1,2,10.00,EUR,{NUMBER},{EMAIL}
D-2,2026-01-07 10:00:00,S-1,1,10.00,EUR,KD-2,ben@example.com
"""


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


def bring(text: str, name: str, format: str = "") -> FileImport:
    file_import = take_file(file=io.BytesIO(text.encode()), filename=name, by=None, format=format)
    import_file(import_id=file_import.pk)
    return FileImport.objects.get(pk=file_import.pk)


def track(by: Any, **message: Any) -> Any:
    return ingest(by=by, messages=[message], received_at=timezone.now())


def places_that_name(words: tuple[str, ...], folder: Path) -> list[str]:
    """Every table with a row, and every file, that holds one of the words in any case."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind IN ('r', 'p') AND nspname = 'public' ORDER BY 1"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*) FROM {table} AS t WHERE t::text ILIKE ANY(%s)",
                [[f"%{word}%" for word in words]],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    for path in folder.rglob("*"):
        held = path.read_bytes().lower() if path.is_file() else b""
        if any(word.lower().encode() in held for word in words):
            found.append(path.name)
    return found


@pytest.fixture
def wilma(mara: Any) -> Customer:
    """A customer who has left traces wherever one can."""
    bring(PEOPLE, "people.csv", FileImport.Format.CUSTOMERS)
    bring(ORDERS, "orders.csv")
    wilma = Customer.objects.get(external_id=NUMBER)
    track(mara, type="track", event="Signed Up", anonymousId="v-2", properties={"email": EMAIL})
    track(mara, type="track", event="Product Viewed", anonymousId=VISITOR, properties={"sku": "S-1"})
    track(mara, type="identify", anonymousId=VISITOR, userId=NUMBER, traits={"city": "Quastelburg"})
    MembershipFactory(customer=wilma)
    PredictionFactory(customer=wilma)
    DeliveryFactory(customer=wilma)
    mail = {"sender": "shop@example.com", "subject": "News", "text": "Hello Wilma", "headers": []}
    MailboxMessage.objects.create(recipient=EMAIL.lower(), **mail)
    test = {**mail, "headers": [["Message-ID", "<test-1@example.com>"]]}
    MailboxMessage.objects.create(recipient="mara@example.com", **test)
    MailboxMessage.objects.create(recipient="ben@example.com", **{**mail, "text": "Hello Ben"})
    JobRunFactory(state="failed", error=f"Key (email)=({EMAIL}) exists", result={"who": NUMBER})
    IdempotentAnswer.objects.create(owner=mara, key="k", fingerprint="f", status=200, body={"id": NUMBER})
    return wilma


def test_nothing_names_an_erased_person(wilma: Customer, ada: Any, as_user: Any, files: Path) -> None:
    before = set(places_that_name(WORDS, files))
    assert {"shop_customer", "shop_customeralias", "intake_rejectedrow", "delivery_mailboxmessage"} <= before
    assert {"shop_event_default", "backoffice_jobrun"} & before
    answer = as_user(ada).post(reverse("shop:customer-erase", args=[wilma.pk]), follow=True)
    assert places_that_name(WORDS, files) == []
    assert [mail.recipient for mail in MailboxMessage.objects.all()] == ["ben@example.com"]
    assert Order.objects.get(number="D-1").customer is None
    for place in ("Mails in the mailbox: 2", "Uploaded files deleted: 2", "Rejected rows blanked: 1"):
        assert place in answer.text
    details = AuditEntry.objects.get(verb="customer.erase").details
    assert (details["intake.fileimport"], details["backoffice.jobrun"]) == (2, 1)
    assert RejectedRow.objects.get().reason


def test_a_list_that_is_imported_again_brings_nobody_back(
    wilma: Customer, ada: Any, as_user: Any, files: Path
) -> None:
    as_user(ada).post(reverse("shop:customer-erase", args=[wilma.pk]))
    renamed = PEOPLE.replace(f"\n{NUMBER}", "\nKD-9000")  # under a new number, with the old address
    for text in (PEOPLE, PEOPLE.replace("@Example", "@EXAMPLE"), renamed):
        again = bring(text, "people.csv", FileImport.Format.CUSTOMERS)
        assert (again.rows_read, again.rows_rejected, again.summary.erased) == (3, 2, 1)
        left_out = again.rejected.get(row_number=2)
        assert "asked to be erased" in left_out.reason
        assert (left_out.value, left_out.row) == ("", "")
    assert [customer.external_id for customer in Customer.objects.all()] == ["KD-2"]
    assert Consent.objects.count() == 1
    page = as_user(ada).get(reverse("intake:import", args=[again.pk])).text
    assert "1 row is about people who asked to be erased" in page
    assert places_that_name(WORDS, files) == [], "rows that were rejected anyway included, and the files"


def test_orders_of_an_erased_person_stay_those_of_a_guest(wilma: Customer, ada: Any, as_user: Any) -> None:
    as_user(ada).post(reverse("shop:customer-erase", args=[wilma.pk]))
    again = bring(ORDERS + f"D-3,2026-02-06 10:00:00,S-1,1,10.00,EUR,{NUMBER},{EMAIL}\n", "orders.csv")
    assert (again.rows_accepted, again.rows_merged, again.summary.erased) == (1, 2, 2)
    assert Order.objects.get(number="D-3").customer is None
    assert not Customer.objects.filter(external_id=NUMBER).exists()


def test_events_of_an_erased_person_are_left_out_and_counted(
    wilma: Customer, ada: Any, mara: Any, as_user: Any
) -> None:
    as_user(ada).post(reverse("shop:customer-erase", args=[wilma.pk]))
    events = Event.objects.count()
    sold = {"order_id": "W-1", "currency": "EUR", "products": [{"sku": "S-1", "price": 10}]}
    for message in (
        {"type": "identify", "userId": NUMBER, "traits": {"email": EMAIL}},
        {"type": "identify", "userId": "other", "traits": {"email": EMAIL.upper()}},
        {"type": "track", "event": "Product Viewed", "anonymousId": VISITOR},
        {"type": "track", "event": "Order Completed", "userId": NUMBER, "properties": sold},
    ):
        outcome = track(mara, **message)
        assert (outcome.accepted, outcome.erased) == (1, 1)
    assert Event.objects.count() == events
    assert Order.objects.get(number="W-1").customer is None
    assert not Customer.objects.filter(external_id__in=[NUMBER, "other"]).exists()
    track(mara, type="identify", userId="KD-2", anonymousId=VISITOR)  # somebody else at the same screen
    assert not CustomerAlias.objects.filter(anonymous_id=VISITOR).exists()
    assert not places_that_name((VISITOR, EMAIL), Path("/nonexistent"))


def test_an_address_that_somebody_else_has_stays_in_use(ada: Any, as_user: Any) -> None:
    erased, _other = CustomerFactory(email="two@example.com"), CustomerFactory(email="Two@example.com")
    as_user(ada).post(reverse("shop:customer-erase", args=[erased.pk]))
    bring("customer_id,email\nN-1,two@example.com\n", "people.csv", FileImport.Format.CUSTOMERS)
    assert Customer.objects.filter(external_id="N-1").exists()
    assert Erased.objects.count() == 1
