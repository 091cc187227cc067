"""What every part of the demo is written with: the shop that is invented, ids taken in advance, COPY."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import models
from django.db.backends.utils import CursorWrapper

from shop.demo.catalogue import Catalogue, Ints
from shop.demo.vocabulary import Vocabulary

NULL = r"\N"


@dataclass(frozen=True)
class Shop:
    """What every chunk needs to know, and where it is written."""

    cursor: CursorWrapper
    seed: int
    words: Vocabulary
    currency: str
    goods: Catalogue
    first_product: int
    now: int


def reserve(cursor: CursorWrapper, model: type[models.Model], rows: int) -> int:
    """Take `rows` consecutive ids of a table; returns the first."""
    table = model._meta.db_table
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
    first = int(cursor.fetchone()[0])  # type: ignore[index]  # nextval returns a row
    if rows > 1:
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + rows - 1])
    return first


def copy(
    cursor: CursorWrapper, model: type[models.Model], columns: list[str], values: list[Iterable[Any]]
) -> None:
    """COPY the columns' values into the table. Nothing written here holds a tab, a line break or a backslash
    but NULL."""
    row = "\t".join(["%s"] * len(columns)) + "\n"
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    with cursor.copy(statement) as copy:  # type: ignore[attr-defined]  # psycopg's COPY
        block: list[str] = []
        for cells in zip(*values, strict=True):
            block.append(row % cells)
            if len(block) == 5000:
                copy.write("".join(block))
                block.clear()
        copy.write("".join(block))


def times(seconds: Ints) -> list[str]:
    return [f"{text}Z" for text in np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()]


def nullable(values: Ints) -> list[Any]:
    return [NULL if value < 0 else value for value in values.tolist()]
