from __future__ import annotations

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from backoffice.bulk_copy import keys_held, read_arrays, write_arrays, write_blocks
from shop.models import OrderLine

pytestmark = pytest.mark.django_db
COLUMNS = {"id": int, "share": np.float32, "yes": bool}


def test_rows_come_back_as_they_were_written():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE lists (id bigint, scores float8[], members bigint[], flags boolean[])"
        )
    block = [
        np.array([1, -2]),
        np.array([[0.5, np.pi], [-1, 1e300]]),
        np.array([[2**62, -1], [0, 7]]),
        np.array([[True, False], [False, True]]),
    ]
    write_blocks("lists", ["id", "scores", "members", "flags"], [block, [column[:1] for column in block]])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM lists ORDER BY id")
        rows = cursor.fetchall()
    assert rows[0] == (-2, [-1, 1e300], [0, 7], [False, True])
    assert rows[1] == rows[2] == (1, [0.5, np.pi], [2**62, -1], [True, False])


def test_one_integer_stands_in_every_row():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE pairs (run bigint, id bigint)")
    write_arrays("pairs", {"run": 7, "id": np.array([1, 2])})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM pairs ORDER BY id")
        assert cursor.fetchall() == [(7, 1), (7, 2)]


def test_a_query_becomes_an_array():
    query = "SELECT n::bigint, (n / 4.0)::real, n > 2 FROM generate_series(1, %s) AS n"
    rows = read_arrays(query, [3], COLUMNS)
    assert rows["id"].tolist() == [1, 2, 3]
    assert rows["share"].tolist() == [0.25, 0.5, 0.75]
    assert rows["yes"].tolist() == [False, False, True]


def test_no_rows():
    assert len(read_arrays("SELECT 1::bigint, 1::real, true WHERE false", [], COLUMNS)["id"]) == 0


def test_null_is_refused():
    with pytest.raises(ValueError, match="NULL"):
        read_arrays("SELECT 1::bigint, NULL::real, true", [], COLUMNS)


def test_keys_are_checked_again_after_the_rows_that_were_held(db):
    with keys_held():
        OrderLine(order_id=1, product_id=2, key="held", quantity=1, unit_price=1).save()
    assert OrderLine.objects.filter(key="held").exists()
    OrderLine(order_id=1, product_id=2, key="checked", quantity=1, unit_price=1).save()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    OrderLine.objects.all().delete()


def test_keys_are_checked_again_after_a_failure(db):
    with pytest.raises(ValueError, match="half way"), transaction.atomic(), keys_held():
        raise ValueError("half way")
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
