"""A delimited text file, plain or gzipped, as a stream of records: whatever its size, memory stays flat."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import deque
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.errors import Refused

BLOCK = 2**18  # characters read at a time
LONGEST_LINE = 2**20
MOST_COLUMNS = 1000  # every page of an import lists them all
PACKED_TOO_WELL = 200  # times; tables pack 5 to 30 times, what is made to fill a disk 1,000 times
UNJUDGED = 100 * 2**20  # characters that are read before the packing is judged
LINES_IN_A_RECORD = 200  # a quoted cell with more line breaks is taken for a quote that was never closed
UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\udc80-\udcff]"
)  # control characters; bytes that could not be decoded

NOT_CLOSED = gettext_noop("A quotation mark opens here and is never closed.")
DAMAGED = gettext_noop("The row holds control characters or bytes that are not text in the file's encoding.")

csv.field_size_limit(LONGEST_LINE)


class _UnclosedError(Exception):
    """The record runs on for too many lines."""


class _Lines:
    """The lines of a stream for csv.reader, remembered since the record's start so that they can be given
    back."""

    def __init__(self, stream: IO[str], packed: IO[bytes]) -> None:
        self.packed = packed
        self.record: list[str] = []
        self.ended_inside = False
        self.suspect = False
        self._returned: deque[str] = deque()
        self._fresh = self._read(stream)

    def _read(self, stream: IO[str]) -> Iterator[str]:
        tail, read = "", 0
        while block := stream.read(BLOCK):
            read += len(block)
            self._refuse_a_bomb(read)
            if UNREADABLE.search(block):
                self.suspect = True
            *lines, tail = (tail + block).split("\n")
            if len(tail) > LONGEST_LINE:
                raise Refused(
                    _(
                        "A line is longer than a million characters: this is not a list of orders in text "
                        "form."
                    )
                )
            for line in lines:
                yield line + "\n"
        if tail:
            yield tail

    def _refuse_a_bomb(self, read: int) -> None:
        """Raise Refused where the file unpacks to more than anybody exports."""
        packed_too_well = read > UNJUDGED and read > PACKED_TOO_WELL * self.packed.tell()
        if packed_too_well or read > settings.LARGEST_IMPORT:
            raise Refused(
                _("The file unpacks to more than %d MB: split it, then upload the parts.") % (read // 2**20),
                field="file",
            )

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.record) >= LINES_IN_A_RECORD:
            raise _UnclosedError
        if self._returned:
            line = self._returned.popleft()
        else:
            try:
                line = next(self._fresh)
            except StopIteration:
                self.ended_inside = bool(self.record)
                raise
        self.record.append(line)
        return line

    def give_back_all_but_first(self) -> str:
        first, *rest = self.record
        self._returned.extendleft(reversed(rest))
        self.ended_inside = False
        return first


class DelimitedFile:
    """An open file. `fraction` is how much of it has been read, 0 to 1."""

    def __init__(self, path: Path, *, encoding: str, delimiter: str) -> None:
        self.size = max(path.stat().st_size, 1)
        self.file = path.open("rb")
        raw: Any = gzip.GzipFile(fileobj=self.file) if is_gzip(path) else self.file
        errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
        self.text = TextIOWrapper(raw, encoding=encoding, errors=errors, newline=None)
        self.lines = _Lines(self.text, self.file)
        self.delimiter = delimiter

    def __enter__(self) -> DelimitedFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.text.close()
        self.file.close()

    @property
    def fraction(self) -> float:
        return min(1.0, self.file.tell() / self.size)

    def _swallows_rows(self, width: int) -> bool:
        """Whether the record, which has several lines, goes on to other rows because of a quotation mark too
        many or too few: text follows a closing one, or each of its lines has all the columns."""
        record = self.lines.record
        try:
            list(csv.reader(record, delimiter=self.delimiter, strict=True))
        except csv.Error:
            return True
        lines = [line for line in record if line.strip()]
        return width > 1 and all(line.count(self.delimiter) >= width - 1 for line in lines)

    def rows(self) -> Iterator[tuple[int, list[str], str]]:
        """(row number as a spreadsheet counts, cells, "" or why the row is unreadable). Blank lines are
        counted, not given.

        A record that swallowed other rows is given as its first line, unreadable, and the others as what they
        are. Raises Refused when the file is damaged beyond a row (a torn gzip file), has too many columns or
        unpacks to too much.
        """
        lines, number, width = self.lines, 0, 0
        reader = csv.reader(lines, delimiter=self.delimiter)
        while True:
            lines.record.clear()
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (_UnclosedError, csv.Error):
                yield number, [lines.give_back_all_but_first().rstrip("\n")], NOT_CLOSED
                reader = csv.reader(lines, delimiter=self.delimiter)
                continue
            except (EOFError, zlib.error, gzip.BadGzipFile):
                raise Refused(
                    _("The file is damaged after row %d: compress or export it again, then upload it again.")
                    % (number - 1)
                ) from None
            if lines.ended_inside or (len(lines.record) > 1 and self._swallows_rows(width)):
                yield number, [lines.give_back_all_but_first().rstrip("\n")], NOT_CLOSED
                reader = csv.reader(lines, delimiter=self.delimiter)
                continue
            if not any(cells):
                continue
            if not width:
                width = len(cells)
                _refuse_too_wide(width)
            damaged = lines.suspect and any(map(UNREADABLE.search, cells))
            yield number, cells, DAMAGED if damaged else ""


def _refuse_too_wide(columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise Refused(
            _("The file has %(columns)d columns, and at most %(most)d can be read: export fewer of them.")
            % {"columns": columns, "most": MOST_COLUMNS},
            field="file",
        )


def is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def head(path: Path, size: int) -> bytes:
    """The first `size` bytes of the text inside the file. Raises Refused for a torn or false gzip file."""
    try:
        with gzip.open(path) if is_gzip(path) else path.open("rb") as file:
            return file.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Refused(
            _("The compressed file is damaged: compress it again, then upload it again."), field="file"
        ) from None
