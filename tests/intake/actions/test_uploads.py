"""Uploaded files are kept for a while, and gone from then on."""

from __future__ import annotations

import gzip
import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.declarations import Person
from intake.actions.imports import import_file, take_file
from intake.actions.uploads import delete_old_uploads, forget_in_files
from intake.models import FileImport, RejectedRow

pytestmark = pytest.mark.django_db

PEOPLE = """customer_id,email,consent_email
KD-77191,wilma@example.com,yes
,wilma@example.com,yes
"""
ORDERS = "order_number,ordered_at,sku,quantity,unit_price,currency\nD-1,2026-01-06,S-1,2,10.00,EUR\n"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


def take(content: bytes, name: str, format: str = "") -> FileImport:
    return take_file(file=io.BytesIO(content), filename=name, by=None, format=format)


def bring(text: str, name: str, format: str = "") -> FileImport:
    file_import = take(text.encode(), name, format)
    import_file(import_id=file_import.pk)
    return FileImport.objects.get(pk=file_import.pk)


@pytest.mark.parametrize(
    ("written", "named"),
    [
        (PEOPLE.encode(), True),
        (gzip.compress(PEOPLE.upper().encode()), True),
        (gzip.compress(b"customer_id,email\n" + b"x" * 2**20 + b"," * 20 + PEOPLE.encode()), True),
        (PEOPLE.replace("KD-77191", "KD-771910").replace("wilma@", "wilma2@").encode(), False),
    ],
    ids=["plain", "packed", "across blocks", "somebody else"],
)
def test_a_file_that_names_the_person_goes(files: Path, written: bytes, named: bool) -> None:
    upload = take(written, "people.csv.gz", FileImport.Format.CUSTOMERS)
    forgotten = forget_in_files(Person(number="KD-77191", email="Wilma@example.com"))
    upload.refresh_from_db()
    assert (forgotten, upload.has_file) == (int(named), not named)
    assert len(list((files / "imports").iterdir())) == int(not named)


def test_uploads_go_with_their_age(files: Path, ada: Any, as_user: Any) -> None:
    old, young = (
        bring(PEOPLE, "people.csv", FileImport.Format.CUSTOMERS),
        bring(ORDERS, "orders.csv"),
    )
    assert oct(Path(old.file.path).stat().st_mode & 0o777) == "0o600"
    orphan = files / "imports" / "left-by-a-killed-process.csv"
    orphan.write_text("x")
    long_ago = (timezone.now() - timedelta(days=40)).timestamp()
    os.utime(orphan, (long_ago, long_ago))
    FileImport.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert delete_old_uploads() == {"files": 2, "texts": 1}
    assert [path.name for path in (files / "imports").iterdir()] == [Path(young.file.path).name]
    assert set(RejectedRow.objects.filter(file_import=old).values_list("row", "value")) == {("", "")}
    page = as_user(ada).get(reverse("intake:import", args=[old.pk])).text
    assert "The uploaded file is no longer kept" in page
    again = as_user(ada).post(reverse("intake:again", args=[old.pk]))
    assert again.status_code == 422
    assert delete_old_uploads() == {"files": 0, "texts": 0}
