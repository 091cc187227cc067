"""How a file of orders is probably to be read, judged from a sample of it. A person sees and corrects every
guess."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from backoffice.errors import Refused
from intake.importers.codepages import european
from intake.importers.columns import NUMERIC_DATE
from intake.importers.delimited_file import DelimitedFile, head
from intake.importers.formats import Format, Reading
from intake.importers.headers import guess_mapping, recognise

SAMPLE = 2**22  # bytes looked at for the encoding
ROWS = 200_000  # rows looked at for the dates
DELIMITERS = [",", ";", "\t", "|"]
ENCODINGS = ["gb18030", "big5", "cp1252", "cp1250", "cp1251", "shift_jis", "euc_kr"]  # when it is no Unicode


def guess_reading(path: Path, *, format: str = "", currency: str = "") -> Reading:
    """Raises Refused when the file is empty or no text, with the remedy."""
    encoding, delimiter = guess_form(path)
    header = read_header(path, encoding, delimiter)
    refuse_without_rows(path, encoding, delimiter)
    format = format or recognise(header)
    mapping = guess_mapping(header, format)
    reading = Reading(format=format, encoding=encoding, delimiter=delimiter, mapping=mapping)
    stated = "GBP" if format == Format.UCI else _first(cells_of(path, reading, "currency", rows=100))
    return replace(guess_values(path, reading), currency=stated or currency)


def guess_form(path: Path) -> tuple[str, str]:
    """The encoding and the delimiter. Raises Refused when the file is empty or no text."""
    sample = head(path, SAMPLE)
    refuse_what_is_no_text(sample)
    encoding = guess_encoding(sample)
    return encoding, guess_delimiter(sample.decode(encoding, "replace"))


def guess_values(path: Path, reading: Reading, before: Reading | None = None) -> Reading:
    """With the decimal sign and the order of dates judged anew, where their columns are other ones than in
    `before`."""
    old = before.mapping if before else {}
    if any(reading.mapping.get(name) != old.get(name) for name in ("unit_price", "line_total")):
        reading = replace(
            reading, decimal=guess_decimal(cells_of(path, reading, "unit_price", "line_total", rows=2000))
        )
    if reading.mapping.get("ordered_at") != old.get("ordered_at"):
        reading = replace(
            reading, date_order=guess_date_order(cells_of(path, reading, "ordered_at", rows=ROWS))
        )
    return reading


def refuse_what_is_no_text(sample: bytes) -> None:
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t"):
        raise Refused(
            _("The file is empty: choose a file with a header row and one row for each order line."),
            field="file",
        )
    if sample[:4] == b"PK\x03\x04" or sample[:4] == b"\xd0\xcf\x11\xe0":
        raise Refused(
            _(
                "This is an Excel workbook or an archive: in Excel choose “Save as … CSV UTF-8”, then upload "
                "that file."
            ),
            field="file",
        )
    if sample[:5] == b"%PDF-":
        raise Refused(
            _("This is a PDF: export the orders from your shop as CSV, then upload that file."), field="file"
        )
    beginning = sample[:4096]
    controls = sum(byte < 9 or 13 < byte < 27 for byte in beginning if byte)
    if controls > 0.02 * len(beginning):  # zeros are left out: UTF-16 has them
        raise Refused(
            _("This is no text file: export the orders from your shop as CSV, then upload that file."),
            field="file",
        )


def guess_encoding(sample: bytes) -> str:
    for bom, name in [
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ]:
        if sample.startswith(bom):
            return name
    zeros = [sample[start:4096:2].count(0) for start in (0, 1)]
    if max(zeros) > len(sample[:4096]) // 5:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    if _decodes(sample, "utf-8"):
        return "utf-8"
    telling = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:65536]
    mostly_utf8 = telling.decode("utf-8", "ignore").encode()
    if len(mostly_utf8) > 0.98 * len(telling):  # a damaged row or two: those rows will be rejected
        return "utf-8"
    best = from_bytes(telling, cp_isolation=ENCODINGS).best()
    if not best or not _decodes(sample, best.encoding) or best.encoding in {"cp1250", "cp1252"}:
        return european(telling)
    return best.encoding


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=len(sample) < SAMPLE)
    except UnicodeDecodeError:
        return False
    return True


def guess_delimiter(text: str) -> str:
    """The delimiter that gives the most columns in the header, and the same number in the rows below it."""

    def agreement(delimiter: str) -> tuple[float, int]:
        try:
            rows = [row for row in islice(csv.reader(text.splitlines()[:50], delimiter=delimiter), 50) if row]
        except csv.Error:  # a field longer than any real one: that row will be rejected with its number
            return 0, 0
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0, width)

    return max(DELIMITERS, key=agreement)


def read_header(path: Path, encoding: str, delimiter: str) -> list[str]:
    with DelimitedFile(path, encoding=encoding, delimiter=delimiter) as source:
        for _number, cells, _reason in source.rows():
            return cells
    raise Refused(
        _("The file is empty: choose a file with a header row and one row for each order line."), field="file"
    )


def refuse_without_rows(path: Path, encoding: str, delimiter: str) -> None:
    """Raise Refused when there is nothing below the header."""
    with DelimitedFile(path, encoding=encoding, delimiter=delimiter) as source:
        if len(list(islice(source.rows(), 2))) < 2:
            raise Refused(without_rows(), field="file")


def without_rows() -> str:
    return _("The file has no rows below its header: export it again, with the rows, then upload that file.")


def cells_of(path: Path, reading: Reading, *fields: str, rows: int) -> Iterator[str]:
    wanted = [reading.mapping[name] for name in fields if name in reading.mapping]
    with DelimitedFile(path, encoding=reading.encoding, delimiter=reading.delimiter) as source:
        for _number, cells, _reason in islice(source.rows(), 1, rows):
            yield from (
                cells[column].strip() for column in wanted if column < len(cells) and cells[column].strip()
            )


def _first(cells: Iterator[str]) -> str:
    cell = next(cells, "")
    return cell.upper() if re.fullmatch("[A-Za-z]{3}", cell) else ""


def guess_decimal(cells: Iterator[str]) -> str:
    """ "," when more amounts can only be read so than with ".": 2,55 or 1.234,5 against 2.55 or 1,234.5."""
    comma = point = 0
    for cell in cells:
        marks = re.findall("[.,]", cell)
        last = marks[-1] if marks else ""
        thousands = len(set(marks)) < 2 and re.search(r"[.,]\d{3}\D*$", cell)  # 1,234 could be either
        comma += last == "," and not thousands
        point += last == "." and not thousands
    return "," if comma > point else "."


def guess_date_order(cells: Iterator[str]) -> str:
    """ "dmy" or "mdy", from the first date that can only be read one way; "" when there is none and a person
    must say."""
    ambiguous = False
    for count, cell in enumerate(cells):
        match = NUMERIC_DATE.fullmatch(cell)
        if match and len(match[1]) <= 2:
            ambiguous = True
            if int(match[1]) > 12 or "." in cell[:3]:  # dots are written only day first
                return "dmy"
            if int(match[2]) > 12:
                return "mdy"
        elif count >= 1000 and not ambiguous:
            break
    return "" if ambiguous else "dmy"
