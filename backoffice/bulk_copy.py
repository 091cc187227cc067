"""Between tables and NumPy arrays without a Python object for each cell.

PostgreSQL's binary COPY format has fixed-width rows when no cell is NULL and every type is fixed-width: one
`np.frombuffer` reads a million rows, one `tobytes` writes them
(https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": a 19-byte header, for each row the
number of fields and for each field its length and big-endian bytes, then a trailer of -1).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import Copy, sql
from psycopg.abc import Buffer

_HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_TRAILER = b"\xff\xff"
_OIDS = {">i8": 20, ">f8": 701, "?": 16}  # bigint, double precision, boolean
_CHUNK = 100_000  # rows


def drain(copy: Copy, into: Callable[[Buffer], object]) -> None:
    """Hand all that COPY TO sends to `into`, row by row. Waiting once for the whole answer takes a quarter of
    the time of `for row in copy`, which waits for each row anew."""

    def take() -> Generator[Any, Any, None]:
        while row := (yield from copy._read_gen()):
            into(row)

    copy.connection.wait(take())


def received(copy: Copy) -> bytearray:
    """All that COPY TO sends."""
    data = bytearray()
    drain(copy, data.extend)
    return data


@contextmanager
def keys_held() -> Iterator[None]:
    """Within it the database checks no foreign keys of rows that are written, where its role may leave that
    out; else nothing changes.

    For many rows whose keys the caller read from the referenced rows in this transaction, and which nobody
    can delete meanwhile: they were written in it, or are locked FOR KEY SHARE. That is the check itself, once
    for each referenced row instead of once for each that refers to it, which takes longer than writing the
    rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        ((may,),) = cursor.fetchall()
        if may:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield  # what fails in here rolls back, and the setting with it
        if may:
            cursor.execute("SET LOCAL session_replication_role = origin")


def read_arrays(query: str, params: Any, columns: Mapping[str, type]) -> dict[str, NDArray[Any]]:
    """Run `query` and return one array for each column.

    `columns` names the query's columns in order: int for bigint, float for double precision, np.float32 for
    real, bool for boolean. The query casts to those types and leaves no NULL. Raises ValueError when it does
    not keep that promise.
    """
    kinds = {name: np.dtype(kind) for name, kind in columns.items()}
    record = _record({name: _wire(kind) for name, kind in kinds.items()})
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", params) as copy,
    ):
        data = received(copy)
    size, rest = divmod(len(data) - len(_HEADER) - len(_TRAILER), record.itemsize)
    if rest:
        raise ValueError(f"A cell of {', '.join(columns)} is NULL or of another type than announced.")
    rows = np.frombuffer(data, record, count=size, offset=len(_HEADER))
    return {name: rows[name].astype(kind) for name, kind in kinds.items()}


def write_arrays(table: str, columns: Mapping[str, NDArray[Any] | int]) -> None:
    """Append rows to `table` by COPY. A column is an array (int64, float64 or bool), a matrix (written as an
    array column), or one integer that every row gets. Runs in the caller's transaction."""
    size = next(len(values) for values in columns.values() if isinstance(values, np.ndarray))

    def blocks() -> Iterator[list[NDArray[Any]]]:
        for start in range(0, size, _CHUNK):
            end = min(start + _CHUNK, size)
            yield [
                values[start:end] if isinstance(values, np.ndarray) else np.full(end - start, values)
                for values in columns.values()
            ]

    write_blocks(table, list(columns), blocks())


def write_blocks(table: str, columns: Sequence[str], blocks: Iterable[Sequence[NDArray[Any]]]) -> None:
    """Append rows to `table` block by block, so that memory stays flat. Each block holds one array a column,
    all of one length: 1-d for a scalar column, 2-d for an array column; int64, float64 and bool are
    understood."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_HEADER)
        for block in blocks:
            copy.write(_encode(block))
        copy.write(_TRAILER)


def _wire(kind: np.dtype[Any]) -> str:
    return "?" if kind.kind == "b" else kind.newbyteorder(">").str


def _record(fields: Mapping[str, Any]) -> np.dtype[Any]:
    """The dtype of one row: the number of fields, then each value behind its length."""
    parts: list[tuple[str, Any]] = [("#", ">i2")]
    for name, kind in fields.items():
        parts += [(f"#{name}", ">i4"), (name, kind)]
    return np.dtype(parts)


def _encode(block: Sequence[NDArray[Any]]) -> bytes:
    rows = np.zeros(len(block[0]), _record({str(at): _field(values) for at, values in enumerate(block)}))
    rows["#"] = len(block)
    for at, values in enumerate(block):
        rows[f"#{at}"] = rows.dtype[str(at)].itemsize
        if values.ndim == 1:
            rows[str(at)] = values
        else:
            _fill(rows[str(at)], values)
    return rows.tobytes()


def _field(values: NDArray[Any]) -> Any:
    """The dtype of a value: an array is its dimensions, NULL flag, element type, size and lower bound, then
    the elements."""
    kind = _wire(values.dtype)
    if values.ndim == 1:
        return kind
    element = np.dtype([("length", ">i4"), ("value", kind)])
    return np.dtype([("head", ">i4", 5), ("elements", element, values.shape[1])])


def _fill(field: NDArray[Any], values: NDArray[Any]) -> None:
    kind = _wire(values.dtype)
    field["head"] = 1, 0, _OIDS[kind], values.shape[1], 1
    field["elements"]["length"] = np.dtype(kind).itemsize
    field["elements"]["value"] = values
