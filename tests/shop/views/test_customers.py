"""The list of customers: found, sorted, paged, counted, exported."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.models import AuditEntry
from profiles.models import CustomerCounters
from shop.models import Customer
from tests.factories import (
    CustomerFactory,
    OrderLineFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/customers/"


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
