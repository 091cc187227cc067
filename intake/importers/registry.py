"""The kinds of files that can be imported, one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from intake.importers import customers, guess, orders
from intake.importers.customers import CustomerReader, CustomerReading
from intake.importers.delimited_file import DelimitedFile
from intake.importers.formats import FIELDS, Format, Reading
from intake.importers.orders import Chunk, OrdersReader, PreviewRow


class Reader(Protocol):
    """Reads the rows of a file."""

    def chunks(self, source: DelimitedFile) -> Iterator[Chunk]:
        """All rows after the header. Memory holds one chunk."""


@dataclass(frozen=True)
class Importer:
    """One kind of file.

    - `formats`: those of `FileImport.Format` that it reads.
    - `fields`: what a column can hold -> its label; `shown_first`: the order in which a person checks them.
    - `reading`: how a file is read, as it is stored.
    - `guess_reading(path, format=, currency=)`: how it is probably read; raises Refused when it is no text.
    - `adjust(path, reading, before)`: with what follows from a change (from `before`) judged anew.
    - `reader(reading, header)`: raises Refused when the header has fewer columns than were mapped.
    - `preview(source, reading)`: the first rows as they would be read.
    """

    name: str
    formats: Sequence[str]
    fields: Mapping[str, Any]
    shown_first: Sequence[str]
    reading: type[Reading]
    guess_reading: Callable[..., Reading]
    adjust: Callable[[Path, Any, Any], Reading]
    reader: Callable[[Any, list[str]], Reader]
    preview: Callable[[DelimitedFile, Any], list[PreviewRow]]


ORDERS = Importer(
    name="orders",
    formats=[Format.UCI, Format.SHOPIFY, Format.GENERIC],
    fields=FIELDS,
    shown_first=orders.SHOWN_FIRST,
    reading=Reading,
    guess_reading=guess.guess_reading,
    adjust=guess.guess_values,
    reader=OrdersReader,
    preview=orders.preview,
)
CUSTOMERS = Importer(
    name="customers",
    formats=[Format.CUSTOMERS],
    fields=customers.FIELDS,
    shown_first=customers.SHOWN_FIRST,
    reading=CustomerReading,
    guess_reading=customers.guess_reading,
    adjust=customers.adjust,
    reader=CustomerReader,
    preview=customers.preview,
)
IMPORTERS = [ORDERS, CUSTOMERS]
BY_FORMAT = {format: importer for importer in IMPORTERS for format in importer.formats}
LABELS = {name: label for importer in IMPORTERS for name, label in importer.fields.items()}
