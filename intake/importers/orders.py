"""Rows of a file -> order lines, orders, customers and products, in chunks ready for COPY."""

from __future__ import annotations

import csv
import gc
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice
from operator import itemgetter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from intake.importers.columns import LARGEST_AMOUNT, Column, RowError, escape
from intake.importers.delimited_file import DelimitedFile
from intake.importers.formats import FIELDS, Format, Reading

SHOWN_FIRST = [
    "order_number", "ordered_at", "status", "customer_id", "email", "sku", "title", "quantity", "unit_price",
    "line_total",
]  # fmt: skip
CHUNK = 20_000  # rows
FEW = 250  # rows, of which one that is unusual sends all to be read one by one
CLOCK_SKEW = timedelta(days=1)
HALF_A_CENT = Decimal("0.005")
FINEST = Decimal("0.00000000000001")  # of a price for one piece: times the quantity it is the total again
# Numbers of what was given back, made from the order's: the whole of it, or a part of its price. They only
# have to be new and the same each time; which order it was, `Order.refund_of` states.
RETURN_SUFFIX, REFUND_SUFFIX = "-return", "-refund"
SHORT = 14  # characters of quantity and price together: their product fits, whatever it is
HEAD = 14  # of FIELDS, the first ones are about the order, the others of one line


Row = tuple[int, list[str], str]  # as `DelimitedFile.rows` gives them


@dataclass
class Chunk:
    """Lines of COPY text for the tables that a file is read into. The tables other than
    `lines` hold each distinct row once, with the number of the file's row where it stood first."""

    rows: int = 0
    lines: list[str] = field(default_factory=list)
    orders: dict[str, int] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    products: dict[str, tuple[int, str]] = field(default_factory=dict)  # times, when it was ordered last
    rejected: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)  # the order-level values of the row added last

    def reject(self, number: int, cells: list[str], problem: RowError, delimiter: str) -> None:
        original = printable(as_written(cells, delimiter))[:4000]
        parts = (problem.field, printable(problem.value)[:200], problem.reason, original)
        self.rejected.append("\t".join([str(number), *map(escape, parts)]) + "\n")


def as_written(cells: list[str], delimiter: str) -> str:
    """The row as a file writes it, with quotes where it needs them; one that could not be taken apart as it
    stands."""
    if len(cells) == 1:
        return cells[0]
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()


def printable(text: str) -> str:
    """Without NUL and undecodable bytes, which PostgreSQL refuses."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector, which walks tens of thousands of new lists again and again to find no
    cycle among them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class OrdersReader:
    """Reads rows by the columns of `reading`. Order-level cells left blank below an order's first row are
    carried down."""

    def __init__(self, reading: Reading, header: list[str]) -> None:
        self.reading = reading
        self.width = len(header)
        if reading.mapping and max(reading.mapping.values()) >= self.width:
            raise Refused(_("The file has fewer columns than were mapped: map the columns again."))
        columns = reading.columns(latest=timezone.now() + CLOCK_SKEW)
        self.nothing = [""] * len(FIELDS)  # values of unmapped fields
        self.plan: list[
            tuple[int, Column, int]
        ] = []  # (place in FIELDS, its column, its cell; -1 reads a blank)
        for place, (name, column) in enumerate(zip(FIELDS, columns, strict=True)):
            try:
                self.nothing[place] = column[""]
                needed = name in reading.mapping
            except RowError:  # a field that may not be blank: each row says so
                needed = True
            if needed:
                self.plan.append((place, column, reading.mapping.get(name, -1)))
        self.line_plan = [step for step in self.plan if step[0] >= HEAD]
        self.padding = [""] if any(position < 0 for *_column, position in self.plan) else []
        heads = [position for place, _column, position in self.plan if place < HEAD]
        self.head_cells: Callable[[list[str]], object] = itemgetter(*heads) if heads else lambda cells: None
        # Whether rows can be read together: the price stands as it is, and no row leaves out what the row
        # above states.
        computed = {"line_total", "line_discount"} & reading.mapping.keys()
        self.uniform = not (self.padding or computed or reading.format == Format.SHOPIFY)
        self.last_cells: object = None
        self.last_head = [""] * HEAD

    def values(self, cells: list[str]) -> list[str]:
        """One COPY-ready text for each of FIELDS. Raises RowError."""
        if len(cells) != self.width:
            if len(cells) < self.width or any(cells[self.width :]):
                raise RowError("", "", gettext_noop("The row has another number of columns than the header."))
            cells = cells[: self.width]
        if self.padding:
            cells = cells + self.padding
        head_cells = self.head_cells(cells)
        if (
            head_cells is not None and head_cells == self.last_cells
        ):  # most rows are of the same order as the row before
            values = self.last_head + self.nothing[HEAD:]
            for place, column, position in self.line_plan:
                values[place] = column[cells[position]]
        else:
            values = self._whole(cells)
            self.last_cells, self.last_head = head_cells, values[:HEAD]
        if (
            self.reading.format == Format.SHOPIFY and not values[HEAD]
        ):  # a product without a number is known by its title
            values[HEAD] = values[HEAD + 1][:100]
        return values

    def _whole(self, cells: list[str]) -> list[str]:
        values = self.nothing.copy()
        for place, column, position in self.plan:
            values[place] = column[cells[position]]
        if not values[1]:
            self._carry_down(values)
        if self.reading.format == Format.UCI:
            values[2] = "cancellation" if values[0][0] in "Cc" else "paid"
        return values

    def _carry_down(self, values: list[str]) -> None:
        if values[0] != self.last_head[0]:
            raise RowError("ordered_at", "", gettext_noop("The date is missing."))
        values[1:HEAD] = self.last_head[1:]

    def chunks(self, source: DelimitedFile) -> Iterator[Chunk]:
        """All rows after the header. Memory holds one chunk."""
        rows = islice(source.rows(), 1, None)
        while (chunk := self._chunk(rows, source.delimiter)).rows:
            yield chunk

    @_uncollected()
    def _chunk(self, rows: Iterator[Row], delimiter: str) -> Chunk:
        batch = list(islice(rows, CHUNK))
        chunk = Chunk(rows=len(batch))
        self._add_all(chunk, batch, delimiter)
        return chunk

    def _add_all(self, chunk: Chunk, batch: list[Row], delimiter: str) -> None:
        """Together as many as go together: where something is unusual, each half is tried."""
        if self.uniform and batch and self._add_together(chunk, batch):
            return
        if not self.uniform or len(batch) <= FEW:
            self._add_one_by_one(chunk, batch, delimiter)
        else:
            half = len(batch) // 2
            self._add_all(chunk, batch[:half], delimiter)
            self._add_all(chunk, batch[half:], delimiter)

    def _add_one_by_one(self, chunk: Chunk, batch: list[Row], delimiter: str) -> None:
        for number, cells, unreadable in batch:
            try:
                if unreadable:
                    raise RowError("", "", unreadable)
                self.add(chunk, number, self.values(cells))
            except RowError as problem:
                chunk.reject(number, cells, problem, delimiter)

    def _add_together(self, chunk: Chunk, batch: list[Row]) -> bool:
        """Add rows of which none is unusual a column at a time, in half the time of one by one, to the same
        result.

        False, with nothing added, where one is rejected, leaves out its date, is an undone sale or needs its
        price computed.
        """
        rows, cells, unreadable = zip(*batch, strict=True)
        if any(unreadable) or set(map(len, cells)) != {self.width}:
            return False
        by_cell = list(zip(*cells, strict=True))
        columns: list[list[str]] = [[nothing] * len(rows) for nothing in self.nothing]
        try:
            for place, column, position in self.plan:
                columns[place] = list(map(column.__getitem__, by_cell[position]))
        except RowError:
            return False
        if self.reading.format == Format.UCI:
            columns[2] = ["cancellation" if number[0] in "Cc" else "paid" for number in columns[0]]
        if not _ordinary(columns):
            return False
        number, currency = columns[0], columns[3]
        sku, title, category, brand, quantity, price, _total, _less, line_id = columns[HEAD:]
        line, product = "\t".join(["%s"] * 7) + "\n", "\t".join(["%s"] * 6) + "\n"
        chunk.lines += map(
            line.__mod__, zip(rows, number, sku, quantity, price, line_id, currency, strict=True)
        )
        products = list(map(product.__mod__, zip(sku, title, category, brand, price, currency, strict=True)))
        latest = dict(sorted(zip(products, columns[1], strict=True), key=itemgetter(1)))
        for name, times in Counter(products).items():
            before, sold_at = chunk.products.get(name, (0, ""))
            chunk.products[name] = (before + times, max(sold_at, latest[name]))
        heads = list(zip(*columns[:HEAD], strict=True))
        first = dict(zip(reversed(heads), reversed(rows), strict=True))
        for head, row in sorted(first.items(), key=itemgetter(1)):
            _add_order(chunk, row, list(head), undone=False)
        chunk.head, self.last_cells, self.last_head = [], None, list(heads[-1])
        return True

    def add(self, chunk: Chunk, row: int, values: list[str]) -> None:
        head, (sku, title, category, brand, quantity, price, total, reduction, line_id) = (
            values[:HEAD],
            values[HEAD:],
        )
        number, status, currency = head[0], head[2], head[3]
        if not sku:
            raise RowError("sku", "", gettext_noop("The product number (SKU) is missing."))
        if total or reduction != "0" or len(quantity) + len(price) > SHORT:
            price = unit_price(quantity, price, total, reduction)
        elif not price:
            raise RowError("unit_price", "", gettext_noop("The price is missing."))
        chunk.lines.append(f"{row}\t{number}\t{sku}\t{quantity}\t{price}\t{line_id}\t{currency}\n")
        undone = (
            status == "cancellation" and quantity[0] != "-"
        )  # a sale that was undone: both are written, together they are worth nothing
        if undone:
            chunk.lines.append(
                f"\\N\t{number}{RETURN_SUFFIX}\t{sku}\t-{quantity}\t{price}\t{line_id}\t{currency}\n"
            )
        if undone or head != chunk.head:
            _add_order(chunk, row, head, undone)
            chunk.head = [] if undone else head
        product = f"{sku}\t{title}\t{category}\t{brand}\t{price}\t{currency}\n"
        times, sold_at = chunk.products.get(product, (0, ""))
        chunk.products[product] = (times + 1, max(sold_at, head[1]))


def _ordinary(columns: list[list[str]]) -> bool:
    """Whether every row has a date, a product and a price as it stands, and none is a sale that was
    undone."""
    placed_at, status, (sku, *_about, quantity, price, total, reduction, _line_id) = (
        columns[1],
        columns[2],
        columns[HEAD:],
    )
    return (
        all(placed_at)
        and all(sku)
        and all(price)
        and not any(total)
        and set(reduction) == {"0"}
        and max(map(len, quantity)) + max(map(len, price)) <= SHORT
        and not (
            "cancellation" in status
            and any(
                stated == "cancellation" and pieces[0] != "-"
                for stated, pieces in zip(status, quantity, strict=True)
            )
        )
    )


def _add_order(chunk: Chunk, row: int, head: list[str], undone: bool) -> None:
    """Add what a row states of its order and of its customer."""
    (
        number,
        placed_at,
        status,
        currency,
        customer,
        country,
        discount,
        coupon,
        email,
        phone,
        first,
        last,
        consent,
        refunded,
    ) = head
    customer = customer or email.lower()
    if undone:
        order = (
            f"{number}{RETURN_SUFFIX}\t{placed_at}\tcancellation\t{currency}\t{customer}\t{country}"
            f"\t0\t\t0\t{number}\n"
        )
        chunk.orders.setdefault(order, row)
        status, refunded = "paid", "0"
    order = (
        f"{number}\t{placed_at}\t{status}\t{currency}\t{customer}\t{country}"
        f"\t{discount}\t{coupon}\t{refunded}\t\n"
    )
    chunk.orders.setdefault(order, row)
    if customer:
        stated_at = placed_at if consent else ""
        about = (
            f"{customer}\t{email}\t{phone}\t{first}\t{last}\t{country}\t\t\t{consent}\t{stated_at}\t{{}}\n"
        )
        chunk.customers.setdefault(about, row)


def unit_price(quantity: str, price: str, total: str, reduction: str) -> str:
    """The price of one piece after the line's discount, so fine that the line is worth what the file says.

    Where the file states both, the total counts as long as it is the price times the quantity but for
    rounding: other totals include postage, or are the whole order's. Raises RowError when the amount does
    not fit.
    """
    pieces = Decimal(quantity)
    if not price and not total:
        raise RowError("unit_price", "", gettext_noop("The price is missing."))
    worth = Decimal(price) * pieces - Decimal(reduction) if price else Decimal(total)
    if price and total and abs(Decimal(total) - worth) <= abs(pieces) * _half_a_unit(price) + HALF_A_CENT:
        worth = Decimal(total)
    if abs(worth) >= LARGEST_AMOUNT:
        raise RowError("unit_price", price or total, gettext_noop("Quantity times price is too large."))
    each = (worth / pieces).quantize(FINEST, ROUND_HALF_EVEN)
    return f"{each.normalize() if each else Decimal(0):f}"


def _half_a_unit(price: str) -> Decimal:
    """By how much a price may have been rounded: half of its last written place, at least of a cent."""
    decimals = max(2, len(price.partition(".")[2]))
    return Decimal(1).scaleb(-decimals) / 2


@dataclass(frozen=True)
class PreviewRow:
    """One row as it would be imported: field -> value (or its cell when rejected), and why it would be
    rejected."""

    number: int
    cells: list[str]
    values: dict[str, Any]
    field: str = ""
    reason: str = ""


def preview(source: DelimitedFile, reading: Reading, *, rows: int = 20) -> list[PreviewRow]:
    stream = source.rows()
    _number, header, _reason = next(stream)
    reader = OrdersReader(reading, header)
    return [_preview_row(reader, *row) for row in islice(stream, rows)]


def _preview_row(reader: OrdersReader, number: int, cells: list[str], unreadable: str) -> PreviewRow:
    try:
        if unreadable:
            raise RowError("", "", unreadable)
        values = reader.values(cells)
        reader.add(Chunk(), number, values)
    except RowError as problem:
        raw = {name: cells[at] for name, at in reader.reading.mapping.items() if at < len(cells)}
        return PreviewRow(number, cells, raw, problem.field, problem.reason)
    return PreviewRow(number, cells, _typed(dict(zip(FIELDS, values, strict=True))))


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    values["ordered_at"] = datetime.fromisoformat(values["ordered_at"])
    for name in ("unit_price", "line_total"):
        values[name] = Decimal(values[name]) if values[name] else None
    return values
