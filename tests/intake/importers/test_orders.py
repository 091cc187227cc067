"""Rows read a column at a time come to what they come to one by one."""

from __future__ import annotations

import random

import pytest

from intake.importers.formats import Format, Reading
from intake.importers.orders import FEW, OrdersReader

HEADER = ["order", "date", "status", "customer", "country", "email", "sku", "title", "quantity", "price"]
FIELDS = [
    "order_number",
    "ordered_at",
    "status",
    "customer_id",
    "country",
    "email",
    "sku",
    "title",
    "quantity",
    "unit_price",
]
UNUSUAL = [
    ("date", "the day before"),
    ("date", ""),
    ("status", "cancelled"),
    ("quantity", "0"),
    ("quantity", "-3"),
    ("price", ""),
    ("sku", ""),
    ("price", "12345678901.5"),
    ("email", "nobody"),
    ("order", ""),
]


class Rows:
    """Stands for an open file: the header and rows as `DelimitedFile.rows` gives them."""

    delimiter = ","

    def __init__(self, rows):
        self._rows = [(1, HEADER, ""), *rows]

    def rows(self):
        return iter(self._rows)


def row(n, rng, unusual):
    order = n // 3
    cells = dict(
        zip(
            HEADER,
            [
                f"A{order}",
                f"2026-01-{1 + order % 28:02d} 10:00",
                "paid",
                f"C{order % 50}",
                "France",
                "",
                f"S{rng.randrange(40)}",
                f"Thing {n % 40}",
                str(rng.randrange(1, 9)),
                f"{rng.randrange(1, 999) / 100}",
            ],
            strict=True,
        )
    )
    if unusual:
        name, value = rng.choice(UNUSUAL)
        cells[name] = value
    values = list(cells.values())
    if unusual and rng.random() < 0.2:
        return n + 2, values[:-1], ""
    return n + 2, values, "why" if unusual and rng.random() < 0.1 else ""


def read(rows, *, uniform, **options):
    mapping = {name: at for at, name in enumerate(FIELDS)}
    reading = Reading(options.pop("format", Format.GENERIC), "utf-8", ",", mapping, currency="EUR")
    reader = OrdersReader(reading, HEADER)
    assert reader.uniform, "otherwise nothing is compared here"
    reader.uniform = uniform
    (chunk,) = reader.chunks(Rows(rows))
    chunk.head = []
    return chunk


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.3])
@pytest.mark.parametrize("format", [Format.GENERIC, Format.UCI])
def test_together_is_one_by_one(share, format):
    rng = random.Random(share)
    rows = [row(n, rng, rng.random() < share) for n in range(8 * FEW)]
    together, alone = (read(rows, uniform=uniform, format=format) for uniform in (True, False))
    assert together == alone
    assert list(together.orders) == list(alone.orders), "who stands first stays first"
    assert bool(together.rejected) == (share >= 0.01)


def test_what_was_said_above_is_carried_over_the_seam():
    """The last of many rows read together says the date of a row that is read alone."""
    rows = [row(n, random.Random(1), False) for n in range(3 * FEW)]
    above = rows[-1][1]
    blank = [above[0], "", *above[2:]]
    rows.append((rows[-1][0] + 1, blank, ""))
    together, alone = (read(rows, uniform=uniform) for uniform in (True, False))
    assert together == alone
    assert not together.rejected
