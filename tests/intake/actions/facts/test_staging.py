"""The same statement reads a temporary table and a batch of JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from intake.actions.facts.staging import CHANGED_CUSTOMERS, LINES, PRODUCTS, Staged, StagedBatch, StagedTables

pytestmark = pytest.mark.django_db
VALUE = "SELECT sku, quantity * unit_price FROM {staged_line} WHERE sku LIKE %(start)s ORDER BY sku"


@pytest.fixture
def tables() -> Any:
    staged = StagedTables()
    staged.create()
    yield staged
    staged.drop()


def filled(staged: Staged) -> Staged:
    if isinstance(staged, StagedTables):
        staged.copy(LINES, ["1\tN1\tA\t2\t1.5\t\tEUR\n", "2\tN1\tB\t1\t1.5\t\tEUR\n"])
    elif isinstance(staged, StagedBatch):
        staged.add(LINES, [{"number": "N1", "sku": "A", "quantity": 2, "unit_price": "1.5"}])
        staged.add(LINES, [{"number": "N1", "sku": "B", "quantity": 1, "unit_price": "1.5"}])
    return staged


def test_both_are_read_alike(tables: StagedTables) -> None:
    for staged in (tables, StagedBatch()):
        rows = filled(staged).rows(VALUE, start="A%")
        assert [(sku, float(value)) for sku, value in rows] == [("A", 3.0)]
        assert staged.row("SELECT count(*), max(unit_price) FROM {staged_line}") == (2, Decimal("1.5"))
        assert staged.row("SELECT count(*) FROM {staged_product}") == (0,)


def test_what_a_query_returns_is_kept_for_the_next(tables: StagedTables) -> None:
    for staged in (tables, StagedBatch()):
        assert staged.keep(CHANGED_CUSTOMERS, "SELECT 7 AS id, true AS is_new") == 1
        assert staged.keep(CHANGED_CUSTOMERS, "SELECT %(id)s::bigint AS id, false AS is_new", id=8) == 1
        assert staged.rows("SELECT id FROM {changed_customer} WHERE is_new") == [(7,)]


def test_a_batch_creates_no_table(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as seen:
        StagedBatch().run("SELECT FROM {staged_product}")
    assert "CREATE" not in seen.captured_queries[0]["sql"]


def test_tables_are_gone_after_an_import(tables: StagedTables) -> None:
    tables.copy(PRODUCTS, ["A\t\t\t\t1\tEUR\t\t\n"])
    tables.create()
    assert tables.row("SELECT count(*) FROM {staged_product}") == (0,)
    tables.drop()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.staged_product')")
        assert cursor.fetchone() == (None,)
