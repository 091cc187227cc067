"""Rows on their way into the facts, and how statements read them.

A statement names the rows by their shape in braces: `FROM {staged_customer}`. For a file that is a temporary
table, filled with COPY; for a batch of messages it is a JSON parameter that PostgreSQL reads as rows. Braces
that belong to the SQL are doubled, as are percent signs.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection


@dataclass(frozen=True)
class Shape:
    """Rows of one kind: the name of their table, and its columns as SQL declares them."""

    name: str
    columns: str


# One row for each customer. `since`: stated by the shop; `seen_at`: the earliest that is known of them.
CUSTOMERS = Shape(
    "staged_customer",
    "external_id text, email text, phone text, first_name text, last_name text, country text, locale text,"
    " attributes jsonb, since timestamptz, seen_at timestamptz",
)
# `stated_at` is NULL where nobody knows when the customer answered.
CONSENTS = Shape(
    "staged_consent",
    "external_id text, channel text, purpose text, granted boolean, stated_at timestamptz",
)
# One row for each product.
PRODUCTS = Shape(
    "staged_product",
    "sku text, title text, category text, brand text, price numeric(18,4), currency text, image_url text,"
    " url text",
)
# One row for each order. `refund_of`: number of the order that it gives back, the `whole` of it or a part.
# `refunded`: how much of its price was given back.
ORDERS = Shape(
    "staged_order",
    "number text, customer text, placed_at timestamptz, status text, currency text, country text,"
    " discount numeric(18,4), coupon text, refund_of text, whole boolean, refunded numeric(18,4)",
)
# `row_number` is NULL on lines that no row of the file names (returns). `key` is '' where the source does
# not distinguish the lines of an order.
LINES = Shape(
    "staged_line",
    "row_number bigint, number text, sku text, quantity int, unit_price numeric(28,14), key text,"
    " currency text",
)
# What was written, for the statements that follow.
CHANGED_CUSTOMERS = Shape("changed_customer", "id bigint, is_new boolean")
WRITTEN_ORDERS = Shape("written_order", "id bigint, number text, is_new boolean")
SHAPES = [CUSTOMERS, CONSENTS, PRODUCTS, ORDERS, LINES, CHANGED_CUSTOMERS, WRITTEN_ORDERS]


class Staged(ABC):
    """Staged rows, and statements over them."""

    @abstractmethod
    def sources(self) -> tuple[dict[str, str], dict[str, str]]:
        """What stands for each shape in a statement, and the parameters that this needs."""

    @abstractmethod
    def keep(self, shape: Shape, query: str, **parameters: Any) -> int:
        """Add the rows that `query` returns (a SELECT, or a write with RETURNING) to those of `shape`.
        Returns how many."""

    def run(self, statement: str, **parameters: Any) -> int:
        """Execute; returns how many rows the statement wrote or returned."""
        with self._executed(statement, parameters) as cursor:
            return int(cursor.rowcount)

    def row(self, statement: str, **parameters: Any) -> tuple[Any, ...]:
        """The first row of the answer."""
        with self._executed(statement, parameters) as cursor:
            return tuple(cursor.fetchone())

    def rows(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of the answer."""
        with self._executed(statement, parameters) as cursor:
            return list(cursor.fetchall())

    @contextmanager
    def _executed(self, statement: str, parameters: dict[str, Any]) -> Iterator[Any]:
        sources, own = self.sources()
        with connection.cursor() as cursor:
            cursor.execute(statement.format(**sources), {**own, **parameters})
            yield cursor


class StagedTables(Staged):
    """Temporary tables: not logged, seen by this session only and gone with it, so that a killed import
    leaves nothing. `extra`: further tables of the caller's, filled and read the same way."""

    def __init__(self, extra: Iterable[Shape] = ()) -> None:
        self.shapes = [*extra, *SHAPES]

    def sources(self) -> tuple[dict[str, str], dict[str, str]]:
        return {shape.name: shape.name for shape in self.shapes}, {}

    def keep(self, shape: Shape, query: str, **parameters: Any) -> int:
        statement = f"WITH kept AS ({query}) INSERT INTO {shape.name} SELECT * FROM kept"  # noqa: S608 - ours
        return self.run(statement, **parameters)

    def create(self) -> None:
        """Create the tables, in place of those that an earlier import of this session left."""
        self.drop()
        for shape in self.shapes:
            self.run(f"CREATE TEMP TABLE {shape.name} ({shape.columns})")
        # A killed import stops in the database too. Whole sets are joined here, and tables that this very
        # import fills have no statistics yet: a nested loop chosen for an "empty" table took minutes where a
        # hash join takes a tenth of a second.
        self.run("SET client_connection_check_interval = '2s'; SET enable_nestloop = off")

    def drop(self) -> None:
        self.run("DROP TABLE IF EXISTS " + ", ".join(shape.name for shape in self.shapes))
        self.run("RESET enable_nestloop; RESET client_connection_check_interval")

    def copy(self, shape: Shape, lines: Iterable[str]) -> None:
        """Add lines of COPY text, columns in the order of the shape."""
        if text := "".join(lines):
            with connection.cursor() as cursor, cursor.copy(f"COPY {shape.name} FROM STDIN") as copy:
                copy.write(text)


class StagedBatch(Staged):
    """A batch small enough to travel with each statement: no table is created for it."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {shape.name: [] for shape in SHAPES}
        self._json = dict.fromkeys(self._rows, "[]")

    def add(self, shape: Shape, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows; columns that they leave out are NULL."""
        self._rows[shape.name] += rows
        self._json[shape.name] = json.dumps(self._rows[shape.name], cls=DjangoJSONEncoder)

    def sources(self) -> tuple[dict[str, str], dict[str, str]]:
        rows_of = "jsonb_to_recordset(%({0})s) AS {0} ({1})"
        return {shape.name: rows_of.format(shape.name, shape.columns) for shape in SHAPES}, self._json

    def keep(self, shape: Shape, query: str, **parameters: Any) -> int:
        with self._executed(query, parameters) as cursor:
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        self.add(shape, rows)
        return len(rows)
