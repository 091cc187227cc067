"""Words that stand where no name is known."""

from __future__ import annotations

import pytest

from campaigns.datasets.names import BLANK_NAME, is_blank
from shop.models import Customer

BLANK = [
    "",
    " ",
    "\u3000",
    "\u200b",
    "\u202e",
    "null",
    "NULL",
    " Null ",
    "(null)",
    "<null>",
    '"null"',
    "None",
    "NONE",
    "undefined",
    "[undefined]",
    "N/A",
    "n/a",
    "#N/A",
    "n.a.",
    "N.A",
    "Unknown",
    "not provided",
    "No name",
    "-",
    "--",
    ".",
    "?",
    "*",
    "0",
    "123",
    "无",
    "未知",
]
NAMES = [
    "Ann",
    "Nan",
    "Na",
    "Nil",
    "Nullmann",
    "Nonet",
    "Sir None",
    "O'Neil",
    "X Æ A-12",
    "张伟",
    "无名氏",
    "Ö",
    "É.",
    "🎉",
]


@pytest.mark.parametrize("name", BLANK)
def test_what_is_no_name(name: str) -> None:
    assert is_blank(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_a_name(name: str) -> None:
    assert not is_blank(name)


@pytest.mark.django_db
def test_the_database_thinks_alike() -> None:
    names = BLANK + NAMES
    Customer.objects.bulk_create(
        Customer(external_id=f"c{at}", first_name=name) for at, name in enumerate(names)
    )
    found = Customer.objects.filter(first_name__iregex=BLANK_NAME).values_list("first_name", flat=True)
    assert sorted(found) == sorted(BLANK)
