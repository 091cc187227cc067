from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import timezone
from django.utils.translation import override

from backoffice.templatetags import formats


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["£9,747,747.93", "12.3%", "1,235", "12.3K", "¥1,235"]),
        ("zh-hans", ["£9,747,747.93", "12.3%", "1,235", "1.2万", "JP¥1,235"]),
    ],
)
def test_numbers_follow_the_language(language, shown):
    with override(language):
        assert [
            formats.money(Decimal("9747747.93"), "GBP"),
            formats.percent(0.1234, 1),
            formats.number(1234.5001),
            formats.compact(12_345),
            formats.money_rounded(1234.6, "JPY"),
        ] == shown


def test_a_sum_keeps_every_penny():
    assert formats.money(Decimal("123456789012.3400"), "GBP") == "£123,456,789,012.34"


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("5.9900", "EUR", "€5.99"),
        ("5.9000", "EUR", "€5.90"),
        ("0.0000", "EUR", "€0.00"),
        ("0.3509", "EUR", "€0.3509"),
        ("-12.3450", "GBP", "−£12.345"),
        ("500.0000", "JPY", "¥500"),
        ("5.9900", "JPY", "¥5.99"),
        ("5.9900", "", "5.99"),
        ("1234567.0035", "USD", "$1,234,567.0035"),
        (None, "EUR", formats.NOTHING),
    ],
)
def test_a_price_is_written_as_people_write_it_and_loses_nothing(amount, currency, shown):
    assert formats.price(amount, currency) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("78.8708", "GBP", "£78.87"),
        ("0.3509", "GBP", "£0.35"),
        ("0.00354", "GBP", "£0.0035"),
        ("0.0996", "GBP", "£0.10"),
        ("0", "GBP", "£0.00"),
        ("9.55", "JPY", "¥9.60"),
        ("1234.5", "JPY", "¥1,234"),
        ("0.3509", "", "0.35"),
        (None, "GBP", formats.NOTHING),
    ],
)
def test_an_average_has_the_decimals_of_its_currency(amount, currency, shown):
    assert formats.unit_cost(amount, currency) == shown


@pytest.mark.parametrize(
    ("amount", "typed"), [("5.9900", "5.99"), ("0.0000", "0.00"), ("0.3509", "0.3509"), ("1E+3", "1000.00")]
)
def test_an_amount_is_typed_without_the_zeros_of_the_database(amount, typed):
    assert formats.plain_amount(Decimal(amount)) == typed


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_not_there_is_a_dash(nothing):
    shown = {
        formats.number(nothing),
        formats.percent(nothing),
        formats.money(nothing, "GBP"),
        formats.duration(nothing),
    }
    assert shown == {formats.NOTHING}


def test_durations():
    assert formats.duration(timedelta(0)) == "0 s"
    assert formats.duration(timedelta(seconds=135)) == "2 min 15 s"
    assert formats.duration(timedelta(hours=2, minutes=5)) == "2 h 5 min"


@pytest.mark.parametrize(
    ("passed", "english", "chinese"),
    [
        (timedelta(days=38), "1 month", "1个月"),
        (timedelta(days=8), "1 week", "1周"),
        (timedelta(hours=25, minutes=40), "1 day", "1天"),
        (timedelta(minutes=3, seconds=9), "3 minutes", "3分钟"),
        (timedelta(seconds=-2), "0 seconds", "0秒钟"),
    ],
)
def test_what_is_past_is_named_in_one_unit(passed, english, chinese):
    moment = timezone.now() - passed
    template = Template("{{ moment|timesince }}")  # ours stands in the place of Django's
    with override("en"):
        assert template.render(Context({"moment": moment})) == english
    with override("zh-hans"):
        assert template.render(Context({"moment": moment})) == chinese


def test_countries_and_languages_read_in_the_readers_language():
    with override("zh-hans"):
        assert formats.country("EIRE") == "爱尔兰"
        assert formats.language("en-GB") == "英语 (英国)"
        assert formats.language("klingon?") == "klingon?"
        assert formats.country("") == formats.language("") == "–"
