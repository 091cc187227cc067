"""Bringing a shop's files of orders and of customers in: take the file, settle how it is read, import it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.jobs import Progress, silent
from backoffice.models import User
from intake.importers import customer_staging, customers, guess, staging
from intake.importers.columns import RowError
from intake.importers.customers import CustomerReader, CustomerReading
from intake.importers.formats import Format, Reading
from intake.importers.sales import Chunk, SalesReader
from intake.importers.source import Source
from intake.models import FileImport
from shop.models import Order

PERMISSION = "intake.import_orders"
PHASES = 4  # after the reading


def take_file(*, file: IO[bytes], filename: str, by: User | None, format: str = "") -> FileImport:
    """Store an uploaded file (streamed, any size) and guess how it is read. `by=None` is the command line.

    Raises Refused for an empty file, a workbook or anything else that is no text.
    """
    if by is not None:
        require(by, PERMISSION)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any readable binary file does
    file.seek(0)
    file_import = FileImport(
        filename=filename[-255:], sha256=digest, format=format or FileImport.Format.GENERIC, uploaded_by=by
    )
    file_import.file.save(
        f"{digest[:16]}{''.join(Path(filename).suffixes[-2:])[-20:]}", File(file), save=False
    )
    path = Path(file_import.file.path)
    try:
        if format == customers.FORMAT:
            reading: Reading = customers.guess_reading(path)
        else:
            reading = guess.guess_reading(path, format=format, currency=Order.objects.latest_currency())
    except Refused:
        file_import.file.delete(save=False)
        raise
    file_import.format = reading.format
    file_import.options = reading.to_json()
    with transaction.atomic():
        file_import.save()
        record(by=by, verb="import.upload", about=file_import, sha256=digest)
    return file_import


def reading_of(file_import: FileImport) -> Reading:
    """How the file is to be read."""
    kind = CustomerReading if file_import.format == customers.FORMAT else Reading
    return kind(**file_import.options)


def settle_reading(*, file_import: FileImport, reading: Reading, by: User | None) -> None:
    """Write down how the file is to be read. Raises Refused when one column is to hold two things."""
    if by is not None:
        require(by, PERMISSION)
    if file_import.finished_at:
        raise Refused(_("This import is finished: upload the file again to read it in another way."))
    for field, problem in reading.clashes().items():
        raise Refused(problem, field=f"column_{field}")
    file_import.format = reading.format
    file_import.options = reading.to_json()
    file_import.save(update_fields=["format", "options"])


def map_columns(file_import: FileImport, names: dict[str, str]) -> Reading:
    """The import's reading with `names` (field -> header in the file) laid over its mapping. Raises
    Refused."""
    reading = reading_of(file_import)
    header = [
        cell.strip()
        for cell in guess.read_header(Path(file_import.file.path), reading.encoding, reading.delimiter)
    ]
    mapping = dict(reading.mapping)
    for field, name in names.items():
        if name not in header:
            raise Refused(
                _("The file has no column “%(name)s”: it has %(header)s.")
                % {"name": name, "header": ", ".join(header)}
            )
        mapping[field] = header.index(name)
    path, mapped = Path(file_import.file.path), replace(reading, mapping=mapping)
    if isinstance(mapped, CustomerReading):
        kept = set(reading.attributes.values()) - set(mapping.values())  # type: ignore[attr-defined]
        mapped = replace(mapped, attributes=customers.attribute_columns(header, kept))
        return customers.guess_dates(path, mapped, but_for=reading)
    return guess.guess_values(path, mapped, but_for=reading)


def twin_of(file_import: FileImport) -> FileImport | None:
    """The latest finished import of the very same bytes."""
    same = FileImport.objects.filter(sha256=file_import.sha256, finished_at__isnull=False).exclude(
        pk=file_import.pk
    )
    if file_import.format == customers.FORMAT:
        return same.filter(format=customers.FORMAT).first()
    return same.exclude(format=customers.FORMAT).first()


def import_orders(*, import_id: int, progress: Progress = silent) -> dict[str, Any]:
    """Read the file and merge it into the facts, all or nothing; running it again adds nothing. Returns the
    counts.

    Raises Refused when the reading is incomplete or the file is damaged.
    """
    file_import = FileImport.objects.get(pk=import_id)
    reading = Reading(**file_import.options)
    if reading.unfinished():
        raise Refused(_("The import is not set up yet: open it and map its columns first."))
    staging.create_tables()
    try:
        rows_read = _some(_stage(file_import, reading, progress))
        return _merge(file_import, reading, rows_read, progress)
    finally:
        staging.drop_tables()


def import_customers(*, import_id: int, progress: Progress = silent) -> dict[str, Any]:
    """Read a list of customers and merge it into the facts, all or nothing; running it again adds nothing.
    Returns the counts.

    Raises Refused when the reading is incomplete or the file is damaged.
    """
    file_import = FileImport.objects.get(pk=import_id)
    reading = reading_of(file_import)
    if not isinstance(reading, CustomerReading) or reading.unfinished():
        raise Refused(_("The import is not set up yet: open it and map its columns first."))
    customer_staging.create_tables()
    try:
        rows_read = _some(_stage_customers(file_import, reading, progress))
        return _merge_customers(file_import, reading, rows_read, progress)
    finally:
        customer_staging.drop_tables()


def _stage_customers(file_import: FileImport, reading: CustomerReading, progress: Progress) -> int:
    rows = 0
    with _source(file_import, reading) as source:
        header = guess.read_header(Path(file_import.file.path), reading.encoding, reading.delimiter)
        for chunk, lines in CustomerReader(reading, header).chunks(source):
            customer_staging.stage(lines, chunk.rejected)
            rows += chunk.rows
            progress(
                rows, round(rows / max(source.fraction, 0.001)), gettext_noop("Reading and checking rows")
            )
    return rows


def _merge_customers(
    file_import: FileImport, reading: CustomerReading, rows_read: int, progress: Progress
) -> dict[str, Any]:
    progress(0, 1, gettext_noop("Writing customers and their consent"))
    with transaction.atomic():
        counts = customer_staging.merge(overwrite=reading.overwrite, note=file_import.filename[:200])
        rejected = staging.save_rejected(file_import.pk)
        accepted, merged = counts.pop("accepted"), counts.pop("merged")
        file_import.rows_read, file_import.rows_rejected = rows_read, rejected
        file_import.rows_accepted, file_import.rows_merged = accepted, merged
        file_import.summary = counts
        file_import.finished_at = timezone.now()
        file_import.save()
        result = {"read": rows_read, "accepted": accepted, "merged": merged, "rejected": rejected}
        record(by=file_import.uploaded_by, verb="import.finish", about=file_import, **result, **counts)
    customer_staging.analyze()
    return result


def _some(rows: int) -> int:
    """The number of rows, refused when it is none: an import of nothing is no success."""
    if not rows:
        raise Refused(guess.without_rows())
    return rows


def _source(file_import: FileImport, reading: Reading) -> Source:
    return Source(Path(file_import.file.path), encoding=reading.encoding, delimiter=reading.delimiter)


def _stage(file_import: FileImport, reading: Reading, progress: Progress) -> int:
    """Returns the number of rows below the header."""
    rows = 0
    with _source(file_import, reading) as source:
        header = guess.read_header(Path(file_import.file.path), reading.encoding, reading.delimiter)
        for chunk in SalesReader(reading, header).chunks(source):
            staging.stage(chunk)
            rows += chunk.rows
            progress(
                rows, round(rows / max(source.fraction, 0.001)), gettext_noop("Reading and checking rows")
            )
    return rows


def _merge(file_import: FileImport, reading: Reading, rows_read: int, progress: Progress) -> dict[str, Any]:
    phase = 0

    def tell(step: str) -> None:
        nonlocal phase
        progress(phase, PHASES, step)
        phase += 1

    tell(gettext_noop("Grouping rows into orders"))
    staging.prepare()
    _reject_other_currencies(file_import, reading)
    with transaction.atomic():
        counts = staging.merge(tell)
        if reading.format == Format.UCI:
            staging.shelve_services()
        rejected = staging.save_rejected(file_import.pk)
        accepted, merged = counts.pop("accepted"), counts.pop("merged")
        file_import.rows_read, file_import.rows_rejected = rows_read, rejected
        file_import.rows_accepted, file_import.rows_merged = accepted, merged
        file_import.summary = {**staging.summarise(reading.time_zone), **counts}
        file_import.finished_at = timezone.now()
        file_import.save()
        result = {"read": rows_read, "accepted": accepted, "merged": merged, "rejected": rejected}
        record(by=file_import.uploaded_by, verb="import.finish", about=file_import, **result)
    staging.analyze()
    return result


def _reject_other_currencies(file_import: FileImport, reading: Reading) -> None:
    """Only now is each order's currency known; the rows are fetched from the file once more to be shown as
    they stand."""
    mixed = dict(staging.take_other_currencies())
    if not mixed:
        return
    with _source(file_import, reading) as source:
        rows: Iterable[tuple[int, list[str], str]] = source.rows()
        chunk = Chunk()
        for number, cells, _unreadable in rows:
            if number in mixed:
                chunk.reject(
                    number,
                    cells,
                    RowError("currency", mixed[number], staging.MIXED_CURRENCY),
                    reading.delimiter,
                )
    staging.stage(chunk)
