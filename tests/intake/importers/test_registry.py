"""What every importer keeps: guessed, adjusted, stored, previewed, read, with each bad row named."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from backoffice.errors import Refused
from intake.importers.delimited_file import DelimitedFile
from intake.importers.guess import read_header
from intake.importers.registry import BY_FORMAT, IMPORTERS, LABELS, Importer
from intake.models import FileImport

FILES = {  # good row, good row, a row whose date nobody can read
    "orders": "order_number,ordered_at,sku,quantity,unit_price,currency\n"
    "1,2024-05-13,A,1,2.00,EUR\n2,2024-05-14,A,1,2.00,EUR\n3,someday,A,1,2.00,EUR\n",
    "customers": "customer_id,email,customer since,shoe size\n"
    "1,a@example.com,2024-05-13,42\n2,b@example.com,2024-05-14,\n3,c@example.com,someday,\n",
}
DATES = {"orders": "ordered_at", "customers": "customer_since"}
every = pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)


@pytest.fixture
def path(importer: Importer, tmp_path: Path) -> Path:
    file = tmp_path / "file.csv"
    file.write_text(FILES[importer.name])
    return file


def opened(path: Path, reading: Any) -> DelimitedFile:
    return DelimitedFile(path, encoding=reading.encoding, delimiter=reading.delimiter)


def test_every_format_has_one_importer() -> None:
    assert set(BY_FORMAT) == set(FileImport.Format.values)
    assert sum(len(importer.formats) for importer in IMPORTERS) == len(BY_FORMAT)


@every
def test_a_reading_is_guessed_and_survives_storage(importer: Importer, path: Path) -> None:
    reading = importer.guess_reading(path)
    assert isinstance(reading, importer.reading)
    assert not reading.unfinished()
    assert importer.reading(**asdict(reading)) == reading
    assert reading.format in importer.formats


@every
def test_its_fields_have_labels_and_an_order_to_check_them(importer: Importer) -> None:
    assert set(importer.shown_first) <= importer.fields.keys() <= LABELS.keys()


@every
def test_an_unmapped_column_is_asked_for_or_left_out(importer: Importer, path: Path) -> None:
    reading = importer.guess_reading(path)
    header = read_header(path, reading.encoding, reading.delimiter)
    field = next(iter(importer.fields))
    without = {name: column for name, column in reading.mapping.items() if name != field}
    changed = importer.adjust(path, reading.with_mapping(without, header), reading)
    assert changed.mapping == without
    assert field in changed.unfinished()


@every
def test_a_bad_row_is_named_and_the_others_are_read(importer: Importer, path: Path) -> None:
    reading = importer.guess_reading(path)
    with opened(path, reading) as source:
        rows = importer.preview(source, reading)
    assert [(row.number, row.field) for row in rows] == [(2, ""), (3, ""), (4, DATES[importer.name])]
    header = read_header(path, reading.encoding, reading.delimiter)
    with opened(path, reading) as source:
        (chunk,) = importer.reader(reading, header).chunks(source)
    assert (chunk.rows, len(chunk.rejected)) == (3, 1)
    assert chunk.rejected[0].startswith("4\t" + DATES[importer.name])
    assert len(chunk.orders or chunk.customers) == 2


@every
def test_a_shorter_file_than_was_mapped_is_refused(importer: Importer, path: Path) -> None:
    with pytest.raises(Refused):
        importer.reader(importer.guess_reading(path), ["one column"])


@every
def test_what_is_no_text_is_refused(importer: Importer, path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 a workbook")
    with pytest.raises(Refused):
        importer.guess_reading(path)
