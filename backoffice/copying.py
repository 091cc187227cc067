"""Between tables and NumPy arrays without a Python object for each cell.

PostgreSQL's binary COPY format has fixed-width rows when no cell is NULL and every type is fixed-width: one `np.frombuffer` reads a
million rows, one `tobytes` writes them (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format").
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import Copy, sql

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_TRAILER = b"\xff\xff"
_FLOAT8_OID = 701
_CHUNK = 100_000  # rows


def _row_type(formats: Mapping[str, str]) -> np.dtype[Any]:
    """A binary COPY row: the column count, then a length and a big-endian value for each column."""
    fields: list[tuple[str, str]] = [("#", ">i2")]
    for name, code in formats.items():
        fields += [(f"#{name}", ">i4"), (name, code)]
    return np.dtype(fields)


def received(copy: Copy) -> bytearray:
    """All that COPY TO sends. Waiting once for the whole answer takes a quarter of the time of `b"".join(copy)`, which waits for
    each row anew."""
    data = bytearray()

    def take() -> Generator[Any, Any, None]:
        while row := (yield from copy._read_gen()):
            data.extend(row)

    copy.connection.wait(take())
    return data


def read_arrays(query: str, params: Mapping[str, Any], columns: Mapping[str, type]) -> dict[str, NDArray[Any]]:
    """Run `query` and return one array for each column.

    `columns` names the query's columns in order: int for bigint, float for double precision. The query casts to those types and
    leaves no NULL. Raises ValueError when it does not keep that promise.
    """
    row = _row_type({name: ">i8" if kind is int else ">f8" for name, kind in columns.items()})
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", params) as copy:
        data = received(copy)
    body = len(data) - len(_SIGNATURE) - len(_TRAILER)
    if body % row.itemsize:
        raise ValueError(f"A cell of {', '.join(columns)} is NULL or not 8 bytes wide.")
    rows = np.frombuffer(data, dtype=row, count=body // row.itemsize, offset=len(_SIGNATURE))
    return {name: rows[name].astype(np.int64 if kind is int else np.float64) for name, kind in columns.items()}


def write_arrays(table: str, columns: Mapping[str, NDArray[Any] | int]) -> None:
    """Append rows to `table` by COPY. A column is an int64 array, a float64 matrix (written as double precision[]), or one
    integer that every row gets. Runs in the caller's transaction."""
    size = next(len(values) for values in columns.values() if isinstance(values, np.ndarray))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_SIGNATURE)
        for start in range(0, size, _CHUNK):
            copy.write(_encode(columns, slice(start, min(start + _CHUNK, size))))
        copy.write(_TRAILER)


def _encode(columns: Mapping[str, NDArray[Any] | int], part: slice) -> bytes:
    fields: list[tuple[Any, ...]] = [("#", ">i2")]
    for name, values in columns.items():
        if isinstance(values, np.ndarray) and values.ndim == 2:
            fields += [(f"#{name}", ">i4"), (f"head {name}", ">i4", (5,))]
            fields += [(name, np.dtype([("length", ">i4"), ("value", ">f8")]), (values.shape[1],))]
        else:
            fields += [(f"#{name}", ">i4"), (name, ">i8")]
    rows = np.zeros(part.stop - part.start, dtype=np.dtype(fields))
    rows["#"] = len(columns)
    for name, values in columns.items():
        if isinstance(values, np.ndarray) and values.ndim == 2:
            width = values.shape[1]
            rows[f"#{name}"] = 20 + 12 * width
            rows[f"head {name}"] = [1, 0, _FLOAT8_OID, width, 1]  # dimensions, no NULLs, type, length, lower bound
            rows[name]["length"] = 8
            rows[name]["value"] = values[part]
        else:
            rows[f"#{name}"] = 8
            rows[name] = values[part] if isinstance(values, np.ndarray) else values
    return rows.tobytes()

