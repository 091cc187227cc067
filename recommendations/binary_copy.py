"""NumPy <-> PostgreSQL's binary COPY, for rows of fixed width: no Python object per value.

The format is in the PostgreSQL manual under COPY, "Binary Format": a 19-byte header, then for each row the number of
fields and for each field its length and big-endian bytes, then a trailer of -1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection

from backoffice.copying import received

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
OIDS = {">i8": 20, ">f8": 701, "?": 16}  # bigint, double precision, boolean

Array = np.ndarray[Any, Any]


def _record(fields: Mapping[str, Any]) -> np.dtype[Any]:
    """The dtype of one row: each value behind its length."""
    parts: list[tuple[str, Any]] = [("fields", ">i2")]
    for name, kind in fields.items():
        parts += [(f"length of {name}", ">i4"), (name, kind)]
    return np.dtype(parts)


def read(query: str, parameters: Sequence[Any], columns: Mapping[str, str]) -> Array:
    """Run `query` and return its rows as a structured array.

    `columns` gives each selected column's name and big-endian dtype (">i8" bigint, ">f4" real, "?" boolean), in order;
    the query casts to these types and yields no NULL, otherwise ValueError.
    """
    record = _record(columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", parameters) as copy:
        body = received(copy)
    rows, rest = divmod(len(body) - len(HEADER) - len(TRAILER), record.itemsize)
    if rest:
        raise ValueError("the query returned NULL or a column of another type than announced")
    return np.frombuffer(body, record, count=rows, offset=len(HEADER))


def write(table: str, columns: Sequence[str], blocks: Iterable[Sequence[Array]]) -> None:
    """Append rows to `table`. Each block holds one array a column, all of one length: 1-d for a scalar column, 2-d for an
    array column; int64, float64 and bool are understood. Block by block, so that memory stays flat."""
    quote = connection.ops.quote_name
    statement = f"COPY {quote(table)} ({', '.join(map(quote, columns))}) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for block in blocks:
            copy.write(_encode(block))
        copy.write(TRAILER)


def _wire(values: Array) -> str:
    return "?" if values.dtype == bool else values.dtype.newbyteorder(">").str


def _encode(block: Sequence[Array]) -> bytes:
    rows = np.zeros(len(block[0]), _record({str(at): _field(values) for at, values in enumerate(block)}))
    rows["fields"] = len(block)
    for at, values in enumerate(block):
        rows[f"length of {at}"] = rows.dtype[str(at)].itemsize
        if values.ndim == 1:
            rows[str(at)] = values
        else:
            _fill(rows[str(at)], values)
    return rows.tobytes()


def _field(values: Array) -> Any:
    """The dtype of a value: an array is its dimensions, NULL flag, element type, size and lower bound, then the elements."""
    kind = _wire(values)
    if values.ndim == 1:
        return kind
    element = np.dtype([("length", ">i4"), ("value", kind)])
    return np.dtype([("head", ">i4", 5), ("elements", element, values.shape[1])])


def _fill(field: Array, values: Array) -> None:
    kind = _wire(values)
    field["head"] = 1, 0, OIDS[kind], values.shape[1], 1
    field["elements"]["length"] = np.dtype(kind).itemsize
    field["elements"]["value"] = values
