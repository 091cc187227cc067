"""A list of customers: what its columns mean, how it is read, and its rows as COPY text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

from backoffice.errors import Refused
from intake.importers import columns, guess
from intake.importers.columns import Column, RowError, escape, optional, text_reader
from intake.importers.delimited_file import DelimitedFile
from intake.importers.formats import Reading
from intake.importers.headers import SYNONYMS, plain_header
from intake.importers.orders import CHUNK, CLOCK_SKEW, Chunk, PreviewRow
from intake.importers.policies import ConsentDates, Policy
from intake.models import FileImport

FORMAT = FileImport.Format.CUSTOMERS
LONGEST_ATTRIBUTE = 200  # characters

# The order of the fields is the order of the columns that `Chunk.customers` holds.
FIELDS: dict[str, Any] = {
    "customer_id": gettext_lazy("Customer number"),
    "email": gettext_lazy("Email"),
    "phone": gettext_lazy("Phone"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "country": gettext_lazy("Country"),
    "locale": gettext_lazy("Language"),
    "customer_since": gettext_lazy("Customer since"),
    "consent_email": gettext_lazy("Agrees to marketing email"),
    "consent_at": pgettext_lazy("column", "Agreed or refused on"),
}
DATES = ["customer_since", "consent_at"]
SHOWN_FIRST = [
    "customer_id", "email", "consent_email", "consent_at", "first_name", "last_name", "customer_since",
]  # fmt: skip

OWN_SYNONYMS = {
    "customer_id": "id|number|no|external id|nummer|numéro|编号|会员编号",
    "locale": "language|locale|lang|sprache|langue|idioma|语言|語言",
    "customer_since": "customer since|since|created at|created|registered|registered at|registration date"
    "|signup date|sign up date|date added|kunde seit|registriert am|client depuis|inscrit le|注册时间"
    "|注册日期|成为客户|加入日期",
    "consent_email": "email marketing|marketing|marketing consent|consent to email marketing"
    "|agrees to marketing email|subscribed|email subscribed|accepts email marketing"
    "|email marketing consent|newsletter consent|werbung|werbeeinwilligung|consentement|同意营销"
    "|邮件营销|订阅邮件|营销同意",
    "consent_at": "consent date|consent at|consented at|consent email date|agreed or refused on"
    "|opt in date|opt in time|subscribed at|date of consent|einwilligung am|einwilligungsdatum"
    "|email marketing consent timestamp|consent timestamp|email consent timestamp|opt in timestamp"
    "|confirm time|optin time|unsubscribe time|date de consentement|同意时间|同意日期|订阅时间",
}
MEANING = {
    header: name for source in (SYNONYMS, OWN_SYNONYMS) for name, headers in source.items() if name in FIELDS
    for header in headers.split("|")
} | {name.replace("_", " "): name for name in FIELDS}  # fmt: skip

# Attributes by which segments and pages may know a customer, whatever the language of the header.
ATTRIBUTES = {
    header: name
    for name, headers in {
        "age": "age|alter|âge|年龄|年齡",
        "gender": "gender|sex|geschlecht|sexe|genre|性别|性別",
        "city": "city|town|ort|stadt|ville|城市",
        "income": "income|einkommen|revenu|收入",
    }.items()
    for header in headers.split("|")
}
LANGUAGES = {
    "english": "en", "englisch": "en", "anglais": "en", "英语": "en", "英文": "en",
    "german": "de", "deutsch": "de", "allemand": "de", "德语": "de",
    "french": "fr", "französisch": "fr", "français": "fr", "francais": "fr", "法语": "fr",
    "spanish": "es", "spanisch": "es", "español": "es", "italian": "it", "italiano": "it",
    "italienisch": "it",
    "chinese": "zh", "chinesisch": "zh", "chinois": "zh", "中文": "zh", "汉语": "zh", "简体中文": "zh-Hans",
    "繁體中文": "zh-Hant",
}  # fmt: skip


@dataclass(frozen=True)
class CustomerReading(Reading):
    """How a list of customers is read. Columns of `attributes` are kept as they are beside the fields.

    `overwrite`: the file's values replace known ones; otherwise they only fill gaps. A blank cell states
    nothing.
    """

    consent_dates: ClassVar[ConsentDates] = ConsentDates.OF_DAYS

    def unfinished(self) -> dict[str, str]:
        questions = {}
        if "customer_id" not in self.mapping:
            questions["customer_id"] = gettext_noop("Choose the column that holds this.")
        if not self.date_order and any(name in self.mapping for name in DATES):
            questions["date_order"] = gettext_noop(
                "Every date in the sample can be read in two ways: say which comes first."
            )
        return questions

    def with_mapping(self, mapping: dict[str, int], header: list[str]) -> CustomerReading:
        """What a field holds now is no attribute any longer."""
        kept = set(self.attributes.values()) - set(mapping.values())
        return replace(self, mapping=mapping, attributes=attribute_columns(header, kept))

    @property
    def policy(self) -> Policy:
        return Policy.REPLACE if self.overwrite else Policy.FILL

    def columns(self, *, latest: datetime) -> list[Column]:
        date = optional(columns.date_reader(self.date_order, self.zone, latest=latest))
        readers: dict[str, Callable[[str], str]] = {
            "customer_id": _read_number,
            "email": optional(columns.read_email),
            "phone": optional(lambda cell: text_reader(40)(unguarded(cell))),
            "first_name": optional(text_reader(100)),
            "last_name": optional(text_reader(100)),
            "country": optional(text_reader(60)),
            "locale": optional(read_language),
            "customer_since": date,
            "consent_email": optional(columns.read_consent),
            "consent_at": date,
        }
        return [Column(name, readers[name]) for name in FIELDS]


def unguarded(cell: str) -> str:
    """Without the apostrophe that exports put before a sign of a formula."""
    return cell[1:] if re.match(r"'[=+\-@]", cell) else cell


def _read_number(cell: str) -> str:
    if cell.lower() in columns.BLANK:
        raise ValueError(gettext_noop("The customer number is missing."))
    return columns.read_customer_id(unguarded(cell))


def read_language(cell: str) -> str:
    """A language code, or a language's name in a few languages."""
    if code := LANGUAGES.get(cell.lower()):
        return code
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}", cell) or len(cell) > 20:
        raise ValueError(gettext_noop("Write the language as a code, for example en or zh-CN."))
    return cell.replace("_", "-")


def read_attribute(cell: str) -> str | int | float:
    """Numbers become numbers, so that age 34 is more than age 9; a postcode 01067 stays text."""
    if len(cell) > LONGEST_ATTRIBUTE:
        raise ValueError(gettext_noop("The text is too long."))
    if re.fullmatch(r"-?(0|[1-9]\d{0,14})", cell):
        return int(cell)
    if re.fullmatch(r"-?(0|[1-9]\d{0,11})\.\d{1,6}", cell):
        return int(float(cell)) if float(cell).is_integer() else float(cell)
    return cell


# -- guessing ------------------------------------------------------------------------------------------------


def guess_reading(path: Path, *, format: str = "", currency: str = "") -> CustomerReading:
    """How the file is probably read. Raises Refused when it is no text."""
    encoding, delimiter = guess.guess_form(path)
    return _judged(path, encoding, delimiter)


def adjust(path: Path, reading: CustomerReading, before: CustomerReading) -> CustomerReading:
    """With what follows from a change judged anew: another encoding or delimiter makes other headers."""
    if (reading.encoding, reading.delimiter) == (before.encoding, before.delimiter):
        return guess_dates(path, reading, before)
    judged = _judged(path, reading.encoding, reading.delimiter)
    return replace(judged, time_zone=reading.time_zone, overwrite=reading.overwrite)


def _judged(path: Path, encoding: str, delimiter: str) -> CustomerReading:
    """What the columns hold, by their headers."""
    header = guess.read_header(path, encoding, delimiter)
    guess.refuse_without_rows(path, encoding, delimiter)
    mapping: dict[str, int] = {}
    for at, name in enumerate(header):
        meaning = MEANING.get(plain_header(name)) or MEANING.get(plain_header(name).replace(" ", ""))
        if meaning and meaning not in mapping:
            mapping[meaning] = at
    attributes = attribute_columns(header, set(range(len(header))) - set(mapping.values()))
    return guess_dates(path, CustomerReading(FORMAT, encoding, delimiter, mapping, attributes=attributes))


def attribute_columns(header: list[str], chosen: set[int]) -> dict[str, int]:
    """Name of the attribute -> column; columns without a header have no name and cannot be kept."""
    names: dict[str, int] = {}
    for at in sorted(chosen):
        name = header[at].strip()[:60] if at < len(header) else ""
        if name:
            names.setdefault(ATTRIBUTES.get(name.lower(), name), at)
    return names


def guess_dates(path: Path, reading: CustomerReading, before: Reading | None = None) -> CustomerReading:
    """With the order of day and month judged anew, where the columns of dates are other ones than in
    `before`."""
    old = before.mapping if before else {}
    if all(reading.mapping.get(name) == old.get(name) for name in DATES):
        return reading
    return replace(
        reading, date_order=guess.guess_date_order(guess.cells_of(path, reading, *DATES, rows=guess.ROWS))
    )


# -- reading -------------------------------------------------------------------------------------------------


class CustomerReader:
    """Reads rows by the columns of `reading`."""

    def __init__(self, reading: CustomerReading, header: list[str]) -> None:
        self.reading = reading
        self.width = len(header)
        if max([*reading.mapping.values(), *reading.attributes.values()], default=0) >= self.width:
            raise Refused(_("The file has fewer columns than were mapped: map the columns again."))
        kinds = reading.columns(latest=timezone.now() + CLOCK_SKEW)
        self.plan = [
            (column, reading.mapping.get(name, -1)) for name, column in zip(FIELDS, kinds, strict=True)
        ]

    def values(self, cells: list[str]) -> list[str]:
        """One COPY-ready text for each of FIELDS, then the attributes as JSON. Raises RowError."""
        if len(cells) != self.width:
            if len(cells) < self.width or any(cells[self.width :]):
                raise RowError("", "", gettext_noop("The row has another number of columns than the header."))
            cells = cells[: self.width]
        cells = [*cells, ""]  # what unmapped fields read
        values = [column[cells[at]] for column, at in self.plan]
        return [*values, escape(json.dumps(self._attributes(cells), ensure_ascii=False))]

    def _attributes(self, cells: list[str]) -> dict[str, str | int | float]:
        kept = {}
        for name, at in self.reading.attributes.items():
            cell = unguarded(columns.without_excel_guard(cells[at].strip()))
            if cell.lower() in columns.BLANK:
                continue
            try:
                kept[name] = read_attribute(cell)
            except ValueError as error:
                raise RowError(name, cell, str(error)) from None
        return kept

    def chunks(self, source: DelimitedFile) -> Iterator[Chunk]:
        """All rows after the header. Memory holds one chunk."""
        rows = islice(source.rows(), 1, None)
        while batch := list(islice(rows, CHUNK)):
            chunk = Chunk(rows=len(batch))
            for number, cells, unreadable in batch:
                try:
                    if unreadable:
                        raise RowError("", "", unreadable)
                    chunk.customers.setdefault("\t".join(self.values(cells)) + "\n", number)
                except RowError as problem:
                    chunk.reject(number, cells, problem, source.delimiter)
            yield chunk


def preview(source: DelimitedFile, reading: CustomerReading, *, rows: int = 20) -> list[PreviewRow]:
    stream = source.rows()
    _number, header, _reason = next(stream)
    reader = CustomerReader(reading, header)
    return [_preview_row(reader, *row) for row in islice(stream, rows)]


def _preview_row(reader: CustomerReader, number: int, cells: list[str], unreadable: str) -> PreviewRow:
    positions = {**reader.reading.attributes, **reader.reading.mapping}
    try:
        if unreadable:
            raise RowError("", "", unreadable)
        *texts, attributes = reader.values(cells)
    except RowError as problem:
        raw = {name: cells[at] for name, at in positions.items() if at < len(cells)}
        return PreviewRow(number, cells, raw, problem.field, problem.reason)
    values: dict[str, Any] = {name: columns.unescape(text) for name, text in zip(FIELDS, texts, strict=True)}
    for name in DATES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else ""
    return PreviewRow(number, cells, {**json.loads(columns.unescape(attributes)), **values})
