"""Made-up addresses for trying a campaign out."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from intake.actions.events import ingest
from intake.actions.imports import import_file, take_file
from shop.actions import test_addresses as actions
from shop.models import Channel, Consent, Customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def local(settings):
    settings.LOCAL = settings.OWN_MAILBOX = True


@pytest.fixture
def people():
    numbers = ["C1", "c1", "Zoë / 5", "known", "said-no"]
    people = {number: Customer.objects.create(external_id=number) for number in numbers}
    Customer.objects.filter(external_id="known").update(email="real@example.net")
    Consent.objects.create(customer=people["said-no"], channel=Channel.EMAIL, granted=False, source="form")
    return people


def test_who_has_no_address_gets_one_and_silence_becomes_a_yes(mara, people):
    assert actions.filling_consequences() == {"addresses": 4, "consents": 3, "answered": 1, "given": 0}
    assert actions.fill_test_addresses(by=mara) == {"addresses": 4, "consents": 3}
    mail = dict(Customer.objects.values_list("external_id", "email"))
    assert mail == {
        "known": "real@example.net",
        **{
            name: f"customer-{people[name].pk}@customers.example.com"
            for name in ("C1", "c1", "Zoë / 5", "said-no")
        },
    }  # fmt: skip
    reached = Customer.objects.contactable(Channel.EMAIL).values_list("external_id", flat=True)
    assert set(reached) == {"C1", "c1", "Zoë / 5"}
    word = Consent.objects.get(customer=people["C1"])
    assert (word.source, word.note, word.purpose) == ("staff", "test address", "marketing")
    assert AuditEntry.objects.get(verb="customer.test_addresses").details == {"addresses": 4, "consents": 3}
    assert actions.fill_test_addresses(by=mara) == {"addresses": 0, "consents": 0}


def test_they_can_be_taken_away(mara, people):
    actions.fill_test_addresses(by=mara)
    assert actions.remove_test_addresses(by=mara) == {"addresses": 4, "consents": 3}
    assert list(Customer.objects.exclude(email="").values_list("external_id", flat=True)) == ["known"]
    assert Consent.objects.get().customer == people["said-no"]


@pytest.mark.parametrize("by_file", [True, False])
def test_no_yes_is_left_when_a_real_address_comes(mara, people, tmp_path, settings, by_file):
    actions.fill_test_addresses(by=mara)
    if by_file:
        settings.MEDIA_ROOT = tmp_path
        rows = "order_number,ordered_at,sku,quantity,unit_price,customer_id,currency,email\n"
        rows += "1,2024-05-01,A,1,5,C1,GBP,{}\n"
        taken = take_file(
            file=io.BytesIO(rows.format("ann@example.org").encode()), filename="orders.csv", by=mara
        )
        import_file(import_id=taken.pk)
    else:
        traits = {"email": "ann@example.org"}
        identify = {"type": "identify", "userId": "C1", "messageId": "1", "traits": traits}
        ingest(by=mara, messages=[identify], received_at=timezone.now())
    assert Customer.objects.get(external_id="C1").email == "ann@example.org"
    reached = Customer.objects.contactable(Channel.EMAIL).values_list("external_id", flat=True)
    assert set(reached) == {"c1", "Zoë / 5"}


@pytest.mark.parametrize("name", ["LOCAL", "OWN_MAILBOX"])
def test_refused_where_real_mail_could_be_sent(mara, people, settings, as_user, name):
    setattr(settings, name, False)
    with pytest.raises(Refused):
        actions.fill_test_addresses(by=mara)
    client = as_user(mara)
    address = reverse("shop:customers-test-addresses")
    assert b"Give them" not in client.get(address).content
    client.post(address, {"do": "fill"})
    assert not Customer.objects.filter(email__contains="customers.example.com").exists()
    assert b"Try it out" not in client.get(reverse("shop:customers")).content


def test_only_who_may_import_may_fill(ines, people):
    with pytest.raises(PermissionDenied):
        actions.fill_test_addresses(by=ines)


def test_the_page_says_the_numbers_first(mara, people, as_user):
    client = as_user(mara)
    assert b"Try it out with test addresses" in client.get(reverse("shop:customers")).content
    address = reverse("shop:customers-test-addresses")
    assert b"4 customers would get a made-up address" in client.get(address).content
    assert client.post(address, {"do": "fill"}).url == reverse("shop:customers")
    assert b"4 customers have a test address" in client.get(address).content
    client.post(address, {"do": "remove"})
    assert not Customer.objects.filter(email__contains="customers.example.com").exists()
