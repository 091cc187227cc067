from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from intake.importers.columns import (
    Column,
    RowError,
    date_reader,
    escape,
    parse_date,
    parse_decimal,
    quantity_reader,
    read_consent,
    read_customer_id,
    read_email,
    read_status,
    unescape,
)


@pytest.mark.parametrize(
    ("cell", "order", "expected"),
    [
        ("2010-12-01 08:26:00", "dmy", (2010, 12, 1, 8, 26)),
        ("2010-12-01T08:26:00Z", "dmy", (2010, 12, 1, 8, 26)),
        ("2024-01-02 10:00:00 +0200", "dmy", (2024, 1, 2, 8, 0)),
        ("2024-01-02T10:00:00.123-05:00", "dmy", (2024, 1, 2, 15, 0)),
        ("3/4/2011 8:26", "dmy", (2011, 4, 3, 8, 26)),
        ("3/4/2011 8:26", "mdy", (2011, 3, 4, 8, 26)),
        ("12/1/10 8:26 PM", "mdy", (2010, 12, 1, 20, 26)),
        ("12/1/2010 12:05 AM", "mdy", (2010, 12, 1, 0, 5)),
        ("01.12.2010 17:05", "dmy", (2010, 12, 1, 17, 5)),
        ("2010年12月1日 下午3:05", "dmy", (2010, 12, 1, 15, 5)),
        ("2010/12/1 15时05分", "dmy", (2010, 12, 1, 15, 5)),
        ("1-Dec-2010 8:26", "dmy", (2010, 12, 1, 8, 26)),
        ("Dec 1, 2010", "dmy", (2010, 12, 1, 0, 0)),
        ("5. März 2025", "dmy", (2025, 3, 5, 0, 0)),
        ("20101201", "dmy", (2010, 12, 1, 0, 0)),
        ("1291191960", "dmy", (2010, 12, 1, 8, 26)),
        ("1291191960000", "dmy", (2010, 12, 1, 8, 26)),
        ("40513.35", "dmy", (2010, 12, 1, 8, 24)),
        ("45352", "mdy", (2024, 3, 1, 0, 0)),
    ],
)
def test_dates(cell, order, expected):
    assert parse_date(cell, order, UTC).astimezone(UTC) == datetime(*expected, tzinfo=UTC)


def test_dates_without_an_offset_are_in_the_chosen_zone():
    assert parse_date("2024-07-01 10:00", "dmy", ZoneInfo("Europe/Berlin")).astimezone(UTC).hour == 8


@pytest.mark.parametrize(
    "cell", ["31/02/2025", "2025-13-01", "yesterday", "2025-01-01 25:00", "13/13/2025", "1/2/3/4"]
)
def test_no_date(cell):
    with pytest.raises(ValueError, match="not a date"):
        date_reader("dmy", UTC, latest=datetime(2030, 1, 1, tzinfo=UTC))(cell)


@pytest.mark.parametrize(
    ("cell", "reason"), [("2031-01-01", "future"), ("1969-12-31", "1970"), ("0001-01-01", "1970")]
)
def test_dates_out_of_range(cell, reason):
    with pytest.raises(ValueError, match=reason):
        date_reader("dmy", UTC, latest=datetime(2030, 1, 1, tzinfo=UTC))(cell)


@pytest.mark.parametrize(
    ("cell", "decimal", "expected"),
    [
        ("2.55", ".", "2.55"), ("1,234.50", ".", "1234.5"), ("1.234,50", ",", "1234.5"),
        ("2,55", ",", "2.55"),
        ("-11062.06", ".", "-11062.06"), ("(12.50)", ".", "-12.5"), ("£2.55", ".", "2.55"),
        ("1 234,50 €", ",", "1234.5"),
        ("¥1,299", ".", "1299"), ("USD 5", ".", "5"), ("5.00 EUR", ".", "5"), ("-£3", ".", "-3"),
        ("1'234.50", ".", "1234.5"), ("1,00,000.00", ".", "100000"), ("0.00005", ".", "0"), ("0", ".", "0"),
        (".5", ".", "0.5"),
    ],
)  # fmt: skip
def test_numbers(cell, decimal, expected):
    assert parse_decimal(cell, decimal) == Decimal(expected)


@pytest.mark.parametrize(
    "cell", ["NaN", "inf", "-Infinity", "1e400", "0x10", "", "1.2.3", "12,3,4", "2,50", "1_000", "--5"]
)
def test_no_numbers(cell):
    with pytest.raises(ValueError, match="not a number"):
        parse_decimal(cell, ".")


def test_numbers_that_do_not_fit():
    with pytest.raises(ValueError, match="too large"):
        parse_decimal("9" * 15, ".")
    with pytest.raises(ValueError, match="too large"):
        quantity_reader(".")("99999999999")


def test_a_comma_does_not_turn_a_point_price_into_a_hundredfold():
    with pytest.raises(ValueError, match="not a number"):
        parse_decimal("2.55", ",")


@pytest.mark.parametrize(("cell", "reason"), [("0", "is 0"), ("1.5", "whole"), ("", "missing")])
def test_quantities_refused(cell, reason):
    with pytest.raises(ValueError, match=reason):
        quantity_reader(".")(cell)


def test_a_float_quantity_is_whole():
    assert quantity_reader(".")("6.0") == "6"


def test_customer_numbers_that_a_spreadsheet_made_floats():
    assert [read_customer_id(cell) for cell in ("17850.0", "17850", "A.0")] == ["17850", "17850", "A.0"]


def test_emails():
    assert read_email("anna@example.com") == "anna@example.com"
    for cell in ("anna", "anna@", "a b@example.com", "<anna@example.com>"):
        with pytest.raises(ValueError, match="not an email"):
            read_email(cell)


def test_statuses_in_several_languages():
    words = {
        "Paid": "paid",
        "partially refunded": "paid",
        "Storniert": "cancellation",
        "已退款": "cancellation",
    }
    assert {word: read_status(word) for word in words} == words
    with pytest.raises(ValueError, match="not known"):
        read_status("mystery")


def test_escaping_is_undone():
    text = "back\\slash \\t tab\t line\n return\r \\N"
    assert unescape(escape(text)) == text
    assert "\t" not in escape(text)
    assert "\n" not in escape(text)


def test_a_column_reads_each_distinct_cell_once_and_names_itself_in_problems():
    calls = []
    column = Column("sku", lambda cell: calls.append(cell) or cell.upper())
    assert [column[cell] for cell in ("a ", "a ", "b")] == ["A", "A", "B"]
    assert calls == ["a", "b"]
    column = Column("quantity", quantity_reader("."))
    with pytest.raises(RowError) as caught:
        column[" x "]
    assert (caught.value.field, caught.value.value) == ("quantity", " x ")


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("SUBSCRIBED", "t"), ("TRUE", "t"), ("Oui", "t"), ("已订阅", "t"),
        ("UNSUBSCRIBED", "f"), ("NEVER_SUBSCRIBED", "f"), ("never subscribed", "f"), ("unreachable", "f"),
        ("cleaned", "f"), ("Bounced", "f"), ("non-subscribed", "f"), ("blocklisted", "f"), ("0", "f"),
        ("已退订", "f"),
        ("pending", ""), ("transactional", ""), ("double opt-in", ""), ("perhaps", ""),
    ],
)  # fmt: skip
def test_words_of_newsletter_tools_for_yes_and_no(word, meaning):
    if meaning:
        assert read_consent(word) == meaning
    else:
        with pytest.raises(ValueError, match="neither"):
            read_consent(word)


@pytest.mark.parametrize(
    "cell",
    [
        "a@b", "two@example.com; three@example.com", "Nina <nina@example.com>", "dots..twice@example.com",
        ".first@example.com", "zoe\u200b@example.com", "li\uff20example.com", "x" * 65 + "@example.com",
        "kim@example.com.", "uma@example.com\nbcc: eve@example.com", "a@ex..com", "\ufeffa@example.com",
    ],
)  # fmt: skip
def test_what_is_no_single_address_is_refused(cell):
    with pytest.raises(ValueError, match="not an email"):
        read_email(cell)


def test_addresses_that_people_have():
    for address in ("lena+news@example.com", "o'brien@example.com", "info@bücher.example", "MAX@Example.COM"):
        assert read_email(address) == address
    assert read_email("mailto:carl@example.com") == "carl@example.com"


@pytest.mark.parametrize(
    ("order", "cell", "reason"),
    [
        ("dmy", "04/25/2026 09:00", "the other way round"),
        ("mdy", "13/04/2026", "the other way round"),
        ("dmy", "31.02.2026", "not a date"),
        ("dmy", "2026-02-30", "not a date"),
        ("dmy", "31.10.2026 24:00", "not a date"),
    ],
)
def test_a_date_that_only_fits_the_other_way_round_says_so(order, cell, reason):
    read = date_reader(order, UTC, latest=datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match=reason):
        read(cell)


def test_an_hour_that_comes_twice_is_told_apart_by_its_offset():
    read = date_reader("dmy", ZoneInfo("Europe/Berlin"), latest=datetime(2030, 1, 1, tzinfo=UTC))
    moments = {
        "2026-10-25T02:30:00+02:00": "2026-10-25T00:30:00",
        "2026-10-25T02:30:00+01:00": "2026-10-25T01:30:00",
        "46320.5": "2026-10-25T11:00:00",
        "1792908000000": "2026-10-25T06:00:00",
        "2026-10-25 00:30": "2026-10-24T22:30:00",
        "Oct 31, 2026 11:59 PM": "2026-10-31T22:59:00",
        "2026-10-31T23:59:59Z": "2026-10-31T23:59:59",
    }
    assert {cell: read(cell) for cell in moments} == {cell: f"{at}+00:00" for cell, at in moments.items()}
