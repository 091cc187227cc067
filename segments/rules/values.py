"""What a condition compares with: its value, window and products, checked. Refusals carry the place."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import Refused
from segments.rules.fields import ARITY, Field, Kind

LONGEST_LIST = 1_000
LONGEST_TEXT = 200
LARGEST_NUMBER = 1e12
LONGEST_WINDOW = 3_650  # days
WHERE = ("category", "brand", "product")

Value = str | float | bool | tuple[str, ...] | tuple[float, ...] | tuple[int, ...] | None


def expect_sense(value: Value, field: Field, place: str) -> None:
    """Refuse figures that a field never has."""
    figures = [
        part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, int | float)
    ]
    if field.unit == "share" and not all(0 <= figure <= 1 for figure in figures):
        raise Refused(
            _("“%s” is a share: compare it with 0 to 100 %%, by the API with 0 to 1.") % field.title,
            field=place,
        )


def window_of(data: dict[str, Any], field: Field, place: str) -> int | None:
    days = data.get("days")
    if days is None:
        return None
    if not field.counts:
        raise Refused(_("“%s” takes no number of days: remove it.") % field.title, field=place)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= LONGEST_WINDOW:
        raise Refused(_("Days: a whole number from 1 to %d.") % LONGEST_WINDOW, field=place)
    return days


def where_of(data: dict[str, Any], field: Field, place: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    where = data.get("where") or {}
    if where and not field.counts:
        raise Refused(_("“%s” is not about products: remove what it names.") % field.title, field=place)
    if not isinstance(where, dict) or set(where) - set(WHERE):
        raise Refused(_("Name a category, a brand or a product (its SKU)."), field=place)
    return tuple((name, _texts(where[name], place)) for name in WHERE if name in where)


def value_of(value: Any, op: str, field: Field, place: str) -> Value:
    if ARITY[op] == 0:
        if value is not None:
            raise Refused(_("This comparison takes no value: remove it."), field=place)
        return None
    if op in {"last", "ago"}:
        return _days(value, place)
    if ARITY[op] == 2:
        return _two(value, field, place)
    if field.kind is Kind.SEGMENT:
        return _ids(value, place)
    if op in {"in", "not in"}:
        return _texts(value, place)
    return _single(value, field, place)


def _single(value: Any, field: Field, place: str) -> str | float | bool:
    if field.kind in {Kind.NUMBER, Kind.DAYS, Kind.COUNT}:
        return _number(value, field, place)
    if field.kind is Kind.YES_NO:
        if not isinstance(value, bool):
            raise Refused(_("“%s” is yes or no: choose one.") % field.title, field=place)
        return value
    return _date(value, field, place) if field.kind is Kind.DATE else _text(value, place)


def _number(value: Any, field: Field, place: str) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or (isinstance(value, float) and not math.isfinite(value))
    ):
        raise Refused(
            _("“%s” is compared with a number: enter one, for example 3.") % field.title, field=place
        )
    if abs(value) > LARGEST_NUMBER:
        raise Refused(_("This number is too large: enter one below a million millions."), field=place)
    if field.counts and value < 0:
        raise Refused(_("“%s” is a count: enter 0 or more.") % field.title, field=place)
    return value


def _days(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_WINDOW:
        raise Refused(_("Days: a whole number from 1 to %d.") % LONGEST_WINDOW, field=place)
    return value


def _date(value: Any, field: Field, place: str) -> str:
    try:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            raise ValueError
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Refused(
            _("“%s” is compared with a day: enter it like 2026-01-31.") % field.title, field=place
        ) from None


def _text(value: Any, place: str) -> str:
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > LONGEST_TEXT
        or "\0" in value
        or not _encodable(value)
    ):
        raise Refused(_("Enter a text of at most %d characters.") % LONGEST_TEXT, field=place)
    return value


def _encodable(value: str) -> bool:
    """JSON may hold half a surrogate pair, which no database takes."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _two(value: Any, field: Field, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) != 2:
        raise Refused(_("Enter two values, the smaller one first."), field=place)
    low, high = (_single(end, field, place) for end in value)
    if low > high:  # type: ignore[operator]  # both are numbers or both are days
        raise Refused(_("Enter two values, the smaller one first."), field=place)
    return (low, high)


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise Refused(_("Choose at least one value."), field=place)
    if len(value) > LONGEST_LIST:
        raise Refused(
            _(
                "The list has %(found)d values: at most %(most)d. Import them as an attribute of the "
                "customers and use that."
            )
            % {"found": len(value), "most": LONGEST_LIST},
            field=place,
        )
    return value


def _texts(value: Any, place: str) -> tuple[str, ...]:
    return tuple(_text(text, place) for text in _list(value, place))


def _ids(value: Any, place: str) -> tuple[int, ...]:
    ids = _list(value, place)
    if not all(isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63 for pk in ids):
        raise Refused(_("Choose segments from the list."), field=place)
    return tuple(ids)
