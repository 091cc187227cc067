"""Numbers, money and dates as the reader's language writes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_timedelta
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from django import template
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, to_locale

from backoffice.countries import country_name

register = template.Library()
NOTHING = "–"
MINUS = "−"


def locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))


def _signed(written: str) -> str:
    """With a minus sign, as wide as a plus, in place of a hyphen."""
    return str(written).replace("-", MINUS)


@register.filter
def number(value: Any, digits: int = 0) -> str:
    """1234.5 -> "1,235"; with digits=1 "1,234.5"."""
    if value is None or value == "":
        return NOTHING
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return _signed(format_decimal(value, format=pattern, locale=locale()))


@register.filter
def compact(value: Any) -> str:
    """12345 -> "12.3K" (1.2万 in Chinese)."""
    if value is None:
        return NOTHING
    return _signed(format_compact_decimal(value, locale=locale(), fraction_digits=1))


@register.filter
def percent(share: Any, digits: int = 0) -> str:
    """0.1234 -> "12%"; with digits=1 "12.3%"."""
    if share is None or share == "":
        return NOTHING
    pattern = "0" + ("." + "0" * digits if digits else "") + "%"
    share = round(float(share), digits + 2) + 0.0  # -0.001 is 0 %, not "-0 %"
    return _signed(format_percent(share, format=pattern, locale=locale()))


@register.filter
def points(value: Any) -> str:
    """A share in hundredths: 5 -> "5%"."""
    return percent(None if value is None or value == "" else float(value) / 100)


@register.filter
def money(amount: Any, currency: str = "") -> str:
    """An amount in its ISO currency, exact to the currency's smallest unit: £9,747,747.93."""
    if amount is None or amount == "":
        return NOTHING
    if not currency:
        return number(amount, 2)
    return _signed(format_currency(Decimal(str(amount)), currency, locale=locale()))


@register.filter
def price(amount: Any, currency: str = "") -> str:
    """An amount in its ISO currency of which nothing is rounded away: £5.99 as money writes it, but £0.0035
    for a screw."""
    if amount is None or amount == "":
        return NOTHING
    exact = Decimal(str(amount))
    digits = decimals(exact)
    if not currency:
        return number(exact, max(digits, 2))
    if digits <= get_currency_precision(currency):
        return money(exact, currency)
    return _signed(
        format_currency(exact, currency, locale=locale(), currency_digits=False, decimal_quantization=False)
    )


@register.filter
def unit_cost(amount: Any, currency: str = "") -> str:
    """What one click or one sale costs or is worth, an average: £0.35 for 0.3509, but £0.0035 where the
    currency's own decimals would say nothing."""
    if amount is None or amount == "":
        return NOTHING
    exact = Decimal(str(amount))
    smallest = Decimal(1).scaleb(-get_currency_precision(currency)) if currency else Decimal("0.01")
    if exact == 0 or abs(exact) >= 10 * smallest:
        return money(exact, currency)
    return price(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1)), currency)


def decimals(amount: Decimal) -> int:
    """How many of an amount's decimals say something: 0.3500 -> 2."""
    return max(0, -int(amount.normalize().as_tuple().exponent))


def plain_amount(amount: Decimal) -> str:
    """As it is typed, in any language: 5.9900 -> "5.99", 5 -> "5.00", 0.3509 -> "0.3509"."""
    return f"{amount:.{max(decimals(amount), 2)}f}"


@register.filter
def money_rounded(amount: Any, currency: str = "") -> str:
    """An amount without its smallest unit, for tables and charts: £9,747,748."""
    if amount is None or amount == "":
        return NOTHING
    if not currency:
        return number(amount)
    rounded = Decimal(str(amount)).quantize(Decimal(1))
    return _signed(
        format_currency(rounded, currency, format="¤#,##0", locale=locale(), currency_digits=False)
    )


@register.filter
def duration(value: Any) -> str:
    """A timedelta in words: "42 s", "3 min", "2 h 5 min"."""
    if not value and value != timedelta(0):  # None, or "" for a missing attribute
        return NOTHING
    seconds = int(value.total_seconds())
    if seconds < 60:
        return gettext("%d s") % seconds
    if seconds < 3600:
        return gettext("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}
    return gettext("%(hours)d h %(minutes)d min") % {
        "hours": seconds // 3600,
        "minutes": seconds % 3600 // 60,
    }


@register.filter
def days(value: Any) -> str:
    """12.4 -> "12 days"."""
    if value is None:
        return NOTHING
    whole = round(float(value))
    return ngettext("%d day", "%d days", whole) % whole


@register.filter
def country(recorded: Any) -> str:
    """A country in the reader's language, however the shop wrote it: EIRE -> Ireland, 爱尔兰 in Chinese."""
    return country_name(str(recorded), locale()) if recorded else NOTHING


@register.filter
def language(recorded: Any) -> str:
    """A language in the reader's own: en-GB -> "English (United Kingdom)"."""
    try:
        name = Locale.parse(str(recorded).replace("-", "_")).get_display_name(locale())
    except (ValueError, UnknownLocaleError):
        name = recorded
    return str(name or NOTHING)


@register.filter
def timesince(moment: datetime | None) -> str:
    """How long ago, in one unit: "1 month", 1个月 in Chinese.

    Django's own filter of this name, in whose place this one stands, names two: "1 month, 1 week".
    """
    if moment is None:
        return NOTHING
    passed = max(timezone.now() - moment, timedelta(0))
    return format_timedelta(passed, locale=locale())
