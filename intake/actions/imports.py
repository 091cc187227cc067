"""Bringing a shop's files of orders and of customers in: take the file, settle how it is read, import it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.jobs import Progress, silent
from backoffice.models import User
from intake.actions import consolidation, summaries
from intake.actions.facts.consents import write_consents
from intake.actions.facts.customers import note_touched, write_customers
from intake.actions.facts.erased import ERASED_CUSTOMERS, take_out
from intake.actions.facts.orders import write_lines_of_file, write_orders
from intake.actions.facts.products import write_products
from intake.actions.facts.refunds import settle
from intake.actions.facts.staging import StagedTables
from intake.actions.summaries import SUMMARIES, CustomersSummary, Written
from intake.actions.uploads import delete_file
from intake.importers import guess
from intake.importers.columns import RowError
from intake.importers.delimited_file import DelimitedFile
from intake.importers.formats import Format, Reading
from intake.importers.orders import Chunk
from intake.importers.registry import BY_FORMAT
from intake.models import FileImport, RejectedRow
from shop.currency import currency_of_new_amounts

PERMISSION = "intake.import_orders"
STEPS = 4  # after the reading
MIXED_CURRENCY = gettext_noop("The order is in another currency: an order has one.")

# One file at a time: two imports never wait for each other's rows. Constraints are checked as rows are
# written, or the checks of every row pile up in memory until a long, silent commit.
LOCK = 0x696D706F7274
BEGIN = f"""
SELECT pg_advisory_xact_lock({LOCK});
SET LOCAL work_mem = '256MB'; SET LOCAL jit = off;
SET CONSTRAINTS ALL IMMEDIATE
"""
# In UCI Online Retail goods have numbers that begin with five digits; POST, BANK CHARGES, M and the like are
# postage, fees and corrections, which nobody should be recommended. `now()` is when this import began.
SHELVE_SERVICES = "UPDATE shop_product SET active = false WHERE created_at = now() AND sku !~ '^[0-9]{{5}}'"
SAVE_REJECTED = """
INSERT INTO intake_rejectedrow (file_import_id, row_number, field, value, reason, row)
SELECT %(pk)s, row_number, field, value, reason, row FROM {file_rejected} ORDER BY row_number
"""
# Fresh statistics, so that the first page after an import is not planned for an empty shop.
ANALYZE = "ANALYZE shop_customer, shop_product, shop_order, shop_orderline, shop_consent"


def take_file(*, file: IO[bytes], filename: str, by: User | None, format: str = "") -> FileImport:
    """Store an uploaded file (streamed, any size) and guess how it is read. `by=None` is the command line.

    Raises Refused for an empty file, a workbook or anything else that is no text.
    """
    if by is not None:
        require(by, PERMISSION)
    digested = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # any readable binary file does
    digest = digested.hexdigest()
    file.seek(0)
    file_import = FileImport(
        filename=filename[-255:], sha256=digest, format=format or FileImport.Format.GENERIC, uploaded_by=by
    )
    file_import.file.save(
        f"{digest[:16]}{''.join(Path(filename).suffixes[-2:])[-20:]}", File(file), save=False
    )
    path = Path(file_import.file.path)
    try:
        importer = BY_FORMAT[file_import.format]
        reading = importer.guess_reading(path, format=format, currency=currency_of_new_amounts())
    except Refused:
        file_import.file.delete(save=False)
        raise
    file_import.format = reading.format
    file_import.options = reading
    with transaction.atomic():
        file_import.save()
        record(by=by, verb="import.upload", about=file_import, sha256=digest)
    return file_import


def require_file(file_import: FileImport) -> None:
    """Raise Refused where the uploaded file is no longer kept."""
    if not file_import.has_file:
        raise Refused(_("The uploaded file is no longer kept: upload it again."))


def reading_of(file_import: FileImport) -> Reading:
    """How the file is to be read."""
    return BY_FORMAT[file_import.format].reading(**asdict(file_import.options))


def adjusted(file_import: FileImport, reading: Reading) -> Reading:
    """A changed reading, with what follows from the change judged anew."""
    path = Path(file_import.file.path)
    return BY_FORMAT[file_import.format].adjust(path, reading, reading_of(file_import))


def settle_reading(*, file_import: FileImport, reading: Reading, by: User | None) -> None:
    """Write down how the file is to be read. Raises Refused when one column is to hold two things."""
    if by is not None:
        require(by, PERMISSION)
    if file_import.finished_at:
        raise Refused(_("This import is finished: upload the file again to read it in another way."))
    for field, problem in reading.clashes().items():
        raise Refused(problem, field=f"column_{field}")
    file_import.format = reading.format
    file_import.options = reading
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
    return adjusted(file_import, reading.with_mapping(mapping, header))


def twin_of(file_import: FileImport) -> FileImport | None:
    """The latest finished import of the very same bytes, read as the same kind of file."""
    same = FileImport.objects.filter(sha256=file_import.sha256, finished_at__isnull=False)
    formats = BY_FORMAT[file_import.format].formats
    return same.exclude(pk=file_import.pk).filter(format__in=formats).first()


def import_file(*, import_id: int, progress: Progress = silent) -> dict[str, int]:
    """Read the file and merge it into the facts, all or nothing; running it again adds nothing. Returns how
    many rows were `read`, `accepted`, `merged` (there already) and `rejected`.

    Raises Refused when the reading is incomplete or the file is damaged.
    """
    file_import = FileImport.objects.get(pk=import_id)
    reading = reading_of(file_import)
    require_file(file_import)
    if reading.unfinished():
        raise Refused(_("The import is not set up yet: open it and map its columns first."))
    staged = StagedTables([*consolidation.FILE_SHAPES, summaries.KNOWN_EMAILS, ERASED_CUSTOMERS])
    staged.create()
    try:
        rows_read = _stage(staged, file_import, reading, progress)
        if not rows_read:  # an import of nothing is no success
            raise Refused(guess.without_rows())
        return _merge(staged, file_import, reading, rows_read, progress)
    finally:
        staged.drop()


def _stage(staged: StagedTables, file_import: FileImport, reading: Reading, progress: Progress) -> int:
    """Returns the number of rows below the header."""
    rows = 0
    with _open(file_import, reading) as source:
        header = guess.read_header(Path(file_import.file.path), reading.encoding, reading.delimiter)
        for chunk in BY_FORMAT[reading.format].reader(reading, header).chunks(source):
            consolidation.stage(staged, chunk)
            rows += chunk.rows
            progress(
                rows, round(rows / max(source.fraction, 0.001)), gettext_noop("Reading and checking rows")
            )
    return rows


def _open(file_import: FileImport, reading: Reading) -> DelimitedFile:
    return DelimitedFile(Path(file_import.file.path), encoding=reading.encoding, delimiter=reading.delimiter)


def _merge(
    staged: StagedTables, file_import: FileImport, reading: Reading, rows_read: int, progress: Progress
) -> dict[str, int]:
    step = count()

    def report(name: str) -> None:
        progress(next(step), STEPS, name)

    report(gettext_noop("Grouping rows"))
    consolidation.consolidate(staged)
    _reject_other_currencies(staged, file_import, reading)
    summary = SUMMARIES[BY_FORMAT[reading.format].name]()
    with transaction.atomic():
        staged.run(BEGIN)
        erased = take_out(staged, rejecting=isinstance(summary, CustomersSummary))
        summary.before(staged)
        written = _write(staged, reading, file_import.filename, report)
        if reading.format == Format.UCI:
            staged.run(SHELVE_SERVICES)
        rejected = _save_rejected(staged, file_import)
        accepted = summary.accepted(staged, written)
        counts = {
            "read": rows_read,
            "accepted": accepted,
            "merged": rows_read - accepted - rejected,
            "rejected": rejected,
        }
        for name, rows in counts.items():
            setattr(file_import, f"rows_{name}", rows)
        file_import.summary = replace(summary.figures(staged, written, reading.time_zone), erased=erased)
        file_import.finished_at = timezone.now()
        file_import.save()
        record(by=file_import.uploaded_by, verb="import.finish", about=file_import, **counts)
    if erased:
        delete_file(file_import)  # it names somebody who asked to be erased
    staged.run(ANALYZE)
    return counts


def _write(staged: StagedTables, reading: Reading, filename: str, report: Callable[[str], None]) -> Written:
    """Write all that is staged into the facts. `report` receives the name of each step."""
    written = Written()
    report(gettext_noop("Writing customers and products"))
    written.customers_new = write_customers(staged, reading.policy)
    written.consents = write_consents(staged, reading.consent_dates, source="import", note=filename[:200])
    written.products_new = write_products(staged)
    report(gettext_noop("Writing orders"))
    write_orders(staged)
    report(gettext_noop("Writing order lines"))
    written.lines = write_lines_of_file(staged)
    settle(staged)
    note_touched(staged)
    return written


def _save_rejected(staged: StagedTables, file_import: FileImport) -> int:
    """Move the rejected rows beside their import, in place of those of an earlier try; returns how many."""
    RejectedRow.objects.filter(file_import=file_import).delete()
    return staged.run(SAVE_REJECTED, pk=file_import.pk)


def _reject_other_currencies(staged: StagedTables, file_import: FileImport, reading: Reading) -> None:
    """Only now is each order's currency known; the rows are fetched from the file once more to be shown as
    they stand."""
    mixed = dict(consolidation.take_other_currencies(staged))
    if not mixed:
        return
    chunk = Chunk()
    with _open(file_import, reading) as source:
        for number, cells, _unreadable in source.rows():
            if number in mixed:
                problem = RowError("currency", mixed[number], MIXED_CURRENCY)
                chunk.reject(number, cells, problem, reading.delimiter)
    consolidation.stage(staged, chunk)
