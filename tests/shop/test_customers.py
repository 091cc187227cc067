"""The pages about customers: found, paged, counted, exported, consent recorded, erased."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.models import AuditEntry
from profiles.models import CustomerCounters
from shop.models import Consent, Customer, Event, Order, OrderLine
from shop.presenters.timeline import timeline
from tests.factories import (
    ConsentFactory,
    CustomerFactory,
    DeliveryFactory,
    EventFactory,
    MembershipFactory,
    OrderFactory,
    OrderLineFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/customers/"


@pytest.fixture
def three() -> list[Customer]:
    """Ann may be sent mail and has an order; Bo said no; 王芳 never said anything."""
    ann = CustomerFactory(
        external_id="A1", first_name="Ann", last_name="Lee", email="ann@example.com", country="Ireland"
    )
    bo = CustomerFactory(external_id="B2", first_name="Bo", last_name="Ash", email="", country="France")
    fang = CustomerFactory(external_id="W3", first_name="芳", last_name="王", locale="zh-CN", country="")
    OrderLineFactory(order=OrderFactory(customer=ann), quantity=3)
    ConsentFactory(customer=ann)
    ConsentFactory(customer=bo, recorded_at=timezone.now() - timedelta(days=1))
    ConsentFactory(customer=bo, granted=False, recorded_at=timezone.now())
    return [ann, bo, fang]


def shown(response: Any) -> list[str]:
    assert response.status_code == 200
    return [row["customer"].external_id for row in response.context["rows"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["W3", "B2", "A1"]),
        ("q=A1", ["A1"]),
        ("q=a1", ["A1"]),
        ("q=ANN@exa", ["A1"]),
        ("q=ann+l", ["A1"]),
        ("q=lee", ["A1"]),
        ("q=王芳", ["W3"]),
        ("q=zzz", []),
        ("country=France", ["B2"]),
        ("orders=yes", ["A1"]),
        ("orders=no", ["W3", "B2"]),
        ("consent=yes", ["A1"]),
        ("consent=no", ["W3", "B2"]),
        ("consent=no&country=France", ["B2"]),
    ],
)
def test_the_list_finds(three: list[Customer], mara: Any, as_user: Any, query: str, found: list[str]) -> None:
    response = as_user(mara).get(f"{LIST}?{query}")
    assert shown(response) == found
    assert response.context["count"] == len(found)
    rows = as_user(mara).get(f"/customers/export.csv?{query}")
    text = b"".join(rows.streaming_content).decode("utf-8-sig")
    assert sorted(row[0] for row in list(csv.reader(io.StringIO(text)))[1:]) == sorted(found)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["B2", "A1", "W3"]),
        ("-name", ["W3", "A1", "B2"]),
        ("country", ["W3", "B2", "A1"]),
        ("since", ["A1", "B2", "W3"]),
        ("-since", ["W3", "B2", "A1"]),
        ("-orders", ["B2", "A1", "W3"]),
        ("spent", ["W3", "A1", "B2"]),
        ("nothing", ["W3", "B2", "A1"]),
    ],
)
def test_the_list_sorts_by_its_columns(
    three: list[Customer], mara: Any, as_user: Any, sort: str, order: list[str]
) -> None:
    for days, customer in enumerate(reversed(three)):
        Customer.objects.filter(pk=customer.pk).update(created_at=timezone.now() - timedelta(days=days))
    for customer, count in zip(three, (1, 7), strict=False):
        CustomerCounters.objects.create(
            customer=customer, counted_at=timezone.now(), frequency=count, monetary=10 * count
        )
    response = as_user(mara).get(f"{LIST}?sort={sort}")
    assert shown(response) == order
    assert ('aria-sort="' in response.content.decode()) is (sort != "nothing")


def test_a_sorted_list_is_paged(mara: Any, as_user: Any) -> None:
    for n in range(60):
        CustomerFactory(last_name=f"N{n:02d}")
    first = as_user(mara).get(f"{LIST}?sort=name")
    assert len(shown(first)) == 50
    assert "sort=name&amp;page=2" in first.content.decode()
    second = as_user(mara).get(f"{LIST}?sort=name&page=2")
    assert len(set(shown(first)) | set(shown(second))) == 60
    assert shown(as_user(mara).get(f"{LIST}?sort=name&page=abc")) == shown(first)


def test_pages_reach_everybody_once_in_both_directions(mara: Any, as_user: Any) -> None:
    Customer.objects.bulk_create(CustomerFactory.build(external_id=f"C{n:03d}") for n in range(120))
    browser = as_user(mara)
    first = browser.get(LIST)
    second = browser.get(f"{LIST}?{first.context['older']}")
    third = browser.get(f"{LIST}?{second.context['older']}")
    assert [first.context["newer"], third.context["older"]] == ["", ""]
    assert sorted(shown(first) + shown(second) + shown(third)) == [f"C{n:03d}" for n in range(120)]
    assert shown(browser.get(f"{LIST}?{third.context['newer']}")) == shown(second)
    assert shown(browser.get(f"{LIST}?{second.context['newer']}")) == shown(first)


def test_the_list_asks_the_database_as_often_for_fifty_as_for_one(
    mara: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for _n in range(50):
        OrderLineFactory(order__customer=CustomerFactory())
    browser = as_user(mara)
    with django_assert_max_num_queries(14):
        assert len(shown(browser.get(LIST))) == 50


def test_an_export_holds_no_formulas_and_is_audited_without_personal_data(
    mara: Any, ines: Any, as_user: Any
) -> None:
    CustomerFactory(external_id="A1", first_name="=cmd|' /C calc'!A0", last_name="Lee")
    response = as_user(mara).get("/customers/export.csv?q=A1")
    assert "'=cmd" in b"".join(response.streaming_content).decode()
    entry = AuditEntry.objects.get(verb="customer.export")
    assert (entry.by, entry.details) == (mara, {"filters": ["q"]})
    assert as_user(ines).get("/customers/export.csv").status_code == 403


def test_the_customer_page_adds_up_each_currency(three: list[Customer], mara: Any, as_user: Any) -> None:
    ann = three[0]
    OrderLineFactory(order=OrderFactory(customer=ann, currency="EUR"), unit_price=Decimal("9.99"))
    OrderLineFactory(order=OrderFactory(customer=ann, status=Order.Status.CANCELLATION), quantity=-1)
    OrderLineFactory(order=OrderFactory(customer=ann, status=Order.Status.PENDING), quantity=9)
    response = as_user(mara).get(reverse("shop:customer", args=[ann.pk]))
    assert "£40.00" in response.text
    assert "€9.99" in response.text
    assert response.context["facts"]["orders"] == 2
    assert reverse("segments:customer-panel", args=[ann.pk]) in response.text


def test_the_history_is_complete_page_by_page(mara: Any, as_user: Any) -> None:
    customer = CustomerFactory()
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            customer=customer,
            kind="page",
            name=f"page {n}",
            session_id=f"s{n // 3}",
            occurred_at=now - timedelta(hours=n + 1),
        )
        for n in range(200)
    )
    for n in range(5):
        OrderFactory(
            customer=customer, number=f"N{n}", placed_at=now - timedelta(hours=50 * n + 1, minutes=30)
        )
    browser = as_user(mara)
    response = browser.get(reverse("shop:customer", args=[customer.pk]))
    seen: list[str] = []
    while True:
        part = response.context["timeline"]
        for _day, entries in part.days:
            for entry in entries:
                seen += [entry.order.number] if entry.order else [event.name for event in entry.events]
        if not part.older:
            break
        response = browser.get(
            reverse("shop:customer-timeline", args=[customer.pk]), {"before": part.older.isoformat()}
        )
    assert sorted(seen) == sorted([f"page {n}" for n in range(200)] + [f"N{n}" for n in range(5)])
    assert (
        browser.get(reverse("shop:customer-timeline", args=[customer.pk]), {"before": "soon"}).status_code
        == 404
    )


def test_events_without_a_session_are_one_visit_until_half_an_hour_of_silence() -> None:
    customer, start = CustomerFactory(), timezone.now() - timedelta(days=2)
    for minutes, session in [(0, ""), (20, ""), (25, "s1"), (49, ""), (79, ""), (90, "s1")]:
        EventFactory(
            customer=customer,
            session_id=session,
            occurred_at=start + timedelta(minutes=minutes),
            name=str(minutes),
        )
    visits = [entry for _day, entries in timeline(customer, timezone.now()).days for entry in entries]
    assert [[event.name for event in visit.events] for visit in visits] == [
        ["79"],
        ["25", "90"],
        ["0", "20", "49"],
    ]


def test_consent_is_appended_with_who_and_how(
    three: list[Customer], ada: Any, mara: Any, as_user: Any
) -> None:
    bo = three[1]
    address = reverse("shop:customer-consent", args=[bo.pk])
    words = {"channel": "email", "purpose": "marketing", "granted": "yes", "note": ""}
    assert as_user(mara).post(address, words | {"note": "phone"}).status_code == 403
    assert "provable" in as_user(ada).post(address, words).text
    assert as_user(ada).post(address, words | {"note": "by phone, 12 May"}).status_code == 302
    assert list(bo.consents.order_by("pk").values_list("granted", flat=True)) == [True, False, True]
    latest = bo.consents.latest("recorded_at")
    assert (latest.source, latest.note) == ("staff", "by phone, 12 May")
    assert AuditEntry.about(latest).get().by == ada
    assert "nothing to record" in as_user(ada).post(address, words | {"note": "again"}).text
    bo.email = "bo@example.com"
    bo.save()
    assert bo in Customer.objects.contactable("email")


def test_a_customer_gets_everything_known_about_them(
    three: list[Customer], mara: Any, ines: Any, as_user: Any
) -> None:
    ann = three[0]
    EventFactory(customer=ann, kind="view")
    MembershipFactory(customer=ann)
    address = reverse("shop:customer-export-data", args=[ann.pk])
    assert as_user(ines).post(address).status_code == 403
    answer = as_user(mara).post(address)
    assert "attachment" in answer["Content-Disposition"]
    data = answer.json()
    assert [row["email"] for row in data["shop.customer"]] == [ann.email]
    assert (len(data["shop.order"]), len(data["segments.membership"])) == (1, 1)
    assert [row["kind"] for row in data["shop.event"]] == ["view"]
    entry = AuditEntry.objects.get(verb="customer.export_data")
    assert (entry.by, entry.object_id, entry.label) == (mara, str(ann.pk), "")


def test_erasing_deletes_the_person_and_keeps_the_revenue(
    three: list[Customer], ada: Any, mara: Any, as_user: Any
) -> None:
    ann = three[0]
    EventFactory(customer=ann)
    other = EventFactory()
    MembershipFactory(customer=ann)
    DeliveryFactory(customer=ann)
    lines = OrderLine.objects.count()
    address = reverse("shop:customer-erase", args=[ann.pk])
    assert as_user(mara).get(address).status_code == 403
    assert "kept as those of a guest" in as_user(ada).get(address).text
    assert as_user(ada).post(address).status_code == 302
    assert not Customer.objects.filter(external_id="A1").exists()
    assert list(Event.objects.all()) == [other]
    assert Consent.objects.filter(customer_id=ann.pk).count() == 0
    assert OrderLine.objects.count() == lines
    assert Order.objects.filter(customer=None).count() == 1
    entry = AuditEntry.objects.get(verb="customer.erase")
    assert entry.details == {
        "shop.customer": 1,
        "shop.consent": 1,
        "shop.order": 1,
        "shop.orderline": 1,
        "shop.event": 1,
        "segments.membership": 1,
        "delivery.delivery": 1,
    }
    assert not any(word in f"{entry.label} {entry.details}" for word in ("Ann", "Lee", "example.com", "A1"))
