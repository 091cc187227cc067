"""Importing a file of orders against COPY of the very rows it ends in, into the same table with its indexes
and constraints.

Ours reads, checks and matches everything; theirs is given order ids, product ids and keys ready-made.
"""

from __future__ import annotations

import random
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from benchmarks.pairs import interleaved, row
from intake.actions import imports

ROWS = ["csv-import"]
N = 200_000
FACTS = (
    "shop_consent, shop_orderline, shop_order, shop_customer, shop_product, "
    "intake_rejectedrow, intake_fileimport"
)
COLUMNS = "(order_id, product_id, key, quantity, unit_price)"


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_text(_orders())
        _empty()
        _import(path)
        final = b""

        def remember() -> None:  # order and product ids change with each import
            nonlocal final
            final = _final_rows()

        def theirs() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("TRUNCATE shop_orderline")
                with cursor.copy(f"COPY shop_orderline {COLUMNS} FROM STDIN") as copy:
                    copy.write(final)

        mine, usual = interleaved(
            lambda: _import(path), theirs, rounds=5, before=remember, before_ours=_empty, warm_up=False
        )
    return [row("csv-import", mine, usual, goal=2.0)]


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {FACTS} CASCADE")


def _import(path: Path) -> None:
    with path.open("rb") as file:
        file_import = imports.take_file(file=file, filename=path.name, by=None)
    assert imports.import_file(import_id=file_import.pk)["accepted"] == N


def _final_rows() -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY shop_orderline {COLUMNS} TO STDOUT") as copy:
        return b"".join(bytes(block) for block in copy)


def _orders() -> str:
    """Online Retail's shape: 21 lines an order, 4,000 products, a quarter of the lines without a customer."""
    rng = random.Random(7)
    lines = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]
    moment, order, customer = datetime(2010, 12, 1, 8), 536_365, ""
    for n in range(N):
        if n % 21 == 0:
            moment, order = moment + timedelta(minutes=20), order + 1
            customer = f"{rng.randrange(12_000, 16_400)}.0" if rng.random() < 0.75 else ""
        sku = int(4000 * rng.random() ** 2)
        price = f"{(sku % 900 + 50) / 100:.2f}"
        quantity = rng.randrange(1, 25)
        lines.append(
            f"{order},{20000 + sku},PRODUCT NUMBER {sku},{quantity},{moment},{price},{customer},United "
            "Kingdom"
        )
    return "\n".join(lines) + "\n"
