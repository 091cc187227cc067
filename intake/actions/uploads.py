"""How long uploaded files are kept, and taking a person out of them and of rejected rows."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils import timezone

from backoffice.declarations import Person
from backoffice.personal_data import naming
from intake.models import FileImport, RejectedRow

BLOCK = 2**20  # bytes read at once
ORPHANED = timedelta(days=1)  # so old a file that no import names is nobody's


def delete_old_uploads(*, now: datetime | None = None) -> dict[str, int]:
    """Delete the files that are past their age, files that no import names, and the texts of old rejected
    rows; returns how many of each. The figures of the imports stay."""
    now = now or timezone.now()
    old = FileImport.objects.filter(created_at__lt=now - FileImport.kept_for())
    rows = RejectedRow.objects.filter(file_import__in=old).exclude(row="", value="").update(row="", value="")
    uploads = list(old.exclude(file=""))
    for upload in uploads:
        delete_file(upload)
    return {"files": len(uploads) + _delete_orphans(now), "texts": rows}


def _delete_orphans(now: datetime) -> int:
    """A process that was killed between storing a file and writing its import leaves one."""
    folder = Path(settings.MEDIA_ROOT) / "imports"
    named = {Path(name).name for name in FileImport.objects.values_list("file", flat=True)}
    latest = (now - ORPHANED).timestamp()
    orphans = [
        path
        for path in (folder.iterdir() if folder.exists() else ())
        if path.name not in named and path.stat().st_mtime < latest
    ]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def delete_file(upload: FileImport) -> None:
    """Delete the file; what is known of its import stays."""
    upload.file.delete(save=False)
    FileImport.objects.filter(pk=upload.pk).update(file="")


def forget_in_files(person: Person) -> int:
    """Delete the uploaded files that name the person; returns how many."""
    found = [upload for upload in FileImport.objects.exclude(file="") if _names(upload, person)]
    for upload in found:
        delete_file(upload)
    return len(found)


def _names(upload: FileImport, person: Person) -> bool:
    path = Path(upload.file.path)
    if not path.exists():
        return False
    wanted = _pattern(person, upload.options.encoding)
    try:
        with _opened(path) as source:
            return _holds(source, wanted)
    except (OSError, EOFError):  # a damaged archive cannot be searched: it goes
        return True


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as start:
        packed = start.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]  # both give bytes


def _pattern(person: Person, encoding: str) -> re.Pattern[bytes]:
    """The address, or the number or another word as a whole, in the encodings that the file may have."""
    words = [word for word in {person.number, *person.words} if word]
    written = {
        word.encode(name, "ignore") for word in words for name in ("utf-8", encoding or "utf-8", "utf-16-le")
    }
    whole = b"|".join(re.escape(word) for word in sorted(written) if word)
    return re.compile(b"(?<![0-9A-Za-z])(?:" + whole + b")(?![0-9A-Za-z])", re.IGNORECASE)


def _holds(source: IO[bytes], wanted: re.Pattern[bytes]) -> bool:
    rest = b""
    while block := source.read(BLOCK):
        if wanted.search(rest + block):
            return True
        rest = block[-2000:]  # a word may lie across two blocks
    return False


def forget_in_rejected_rows(person: Person) -> int:
    """Blank the texts of rejected rows that name the person; their number, field and reason stay."""
    kept = RejectedRow.objects.exclude(row="", value="")
    whole = rf"(^|[^0-9A-Za-z]){re.escape(person.number)}([^0-9A-Za-z]|$)"
    numbered = kept.filter(row__iregex=whole) | kept.filter(value=person.number)
    return numbered.update(row="", value="") + naming(kept, person, "row", "value").update(row="", value="")
