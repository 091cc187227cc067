"""From the rows of a file to one row for each thing."""

from __future__ import annotations

from typing import Any

import pytest

from intake.actions import consolidation
from intake.actions.facts.staging import StagedTables
from intake.importers.orders import Chunk

pytestmark = pytest.mark.django_db
ORDER = "{number}\t2024-05-01T10:00:00+00:00\t{status}\tEUR\t{customer}\t{country}\t0\t\t0\t\n"
CUSTOMER = "C1\t{email}\t{phone}\t\t\t\t\t{since}\t{consent}\t{stated_at}\t{attributes}\n"


@pytest.fixture
def staged() -> Any:
    tables = StagedTables(consolidation.FILE_SHAPES)
    tables.create()
    yield tables
    tables.drop()


def customer(**stated: str) -> str:
    blank = dict.fromkeys(["email", "phone", "since", "consent", "stated_at"], "")
    return CUSTOMER.format(**{**blank, "attributes": "{}", **stated})


def group(staged: StagedTables, chunk: Chunk) -> None:
    consolidation.stage(staged, chunk)
    consolidation.consolidate(staged)


def test_the_first_value_of_an_order_counts(staged: StagedTables) -> None:
    rows = [
        ORDER.format(number="N1", status="", customer="", country="France"),
        ORDER.format(number="N1", status="pending", customer="C1", country="Spain"),
    ]
    group(staged, Chunk(orders={row: place for place, row in enumerate(rows, 2)}))
    columns = "number, status, customer, country, refund_of, whole"
    assert staged.rows(f"SELECT {columns} FROM {{staged_order}}") == [
        ("N1", "pending", "C1", "France", "", False)
    ]


def test_the_most_frequent_title_and_the_latest_price_of_a_product_count(staged: StagedTables) -> None:
    products = {
        "A\tTea\tOld\t\t2\tEUR\n": (1, "2024-05-03"),
        "A\tGreen tea\t\t\t3\tUSD\n": (5, "2024-05-02"),
        "A\t\tNew\t\t0\tEUR\n": (9, "2024-05-09"),
    }
    group(staged, Chunk(products=products))
    assert staged.rows("SELECT title, category, price::text, currency FROM {staged_product}") == [
        ("Green tea", "New", "2.0000", "EUR")
    ]


def test_rows_of_one_customer_become_one(staged: StagedTables) -> None:
    rows = {
        customer(email="a@example.com", since="2024-05-02", consent="t", stated_at="2024-05-01"): 2,
        customer(email="b@example.com", phone="1", since="2024-04-01", attributes='{"age": 3}'): 3,
        customer(consent="f", stated_at="2024-06-01", attributes='{"age": 4, "city": "Rome"}'): 4,
    }
    group(staged, Chunk(customers=rows))
    (row,) = staged.rows("SELECT email, phone, since::date::text, attributes FROM {staged_customer}")
    assert row[:3] == ("a@example.com", "1", "2024-04-01")
    assert staged.row("SELECT attributes ->> 'age', attributes ->> 'city' FROM {staged_customer}") == (
        "3",
        "Rome",
    )
    assert staged.rows("SELECT granted FROM {staged_consent}") == [(False,)], "the latest answer"


def test_a_customer_is_seen_with_their_first_order(staged: StagedTables) -> None:
    order = ORDER.format(number="N1", status="paid", customer="C1", country="")
    group(staged, Chunk(orders={order: 2}, customers={customer(): 2}))
    assert staged.row("SELECT since, seen_at::date::text FROM {staged_customer}") == (None, "2024-05-01")


def test_lines_in_another_currency_are_taken_out_with_an_order_that_has_no_others(
    staged: StagedTables,
) -> None:
    order = ORDER.format(number="N1", status="paid", customer="", country="")
    chunk = Chunk(
        orders={order: 2, order.replace("EUR", "USD"): 3},
        lines=["2\tN1\tA\t1\t2\t\tEUR\n", "3\tN1\tB\t1\t2\t\tUSD\n"],
    )
    group(staged, chunk)
    assert consolidation.take_other_currencies(staged) == [(3, "USD")]
    assert consolidation.take_other_currencies(staged) == []
    assert staged.row("SELECT count(*) FROM {staged_line}") == (1,)
