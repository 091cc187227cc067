"""Cells of a shop's file read into values: text, dates, amounts, quantities, words for yes and for an order's
status.

Every reader takes a stripped cell and returns the text that COPY understands; it raises ValueError with a
reason (an untranslated message id) for a cell that cannot be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

from django.utils.translation import gettext_noop as _

BLANK = {"", "-", "n/a", "na", "nan", "null", "none", "#n/a"}
LARGEST_AMOUNT = Decimal(10) ** 14  # numeric(18, 4)
LARGEST_INTEGER = 2**31 - 1


# Parts between single dots; no signs of a list, a name or a second address.
ADDRESS = re.compile(
    r"([^@\s,;:<>\"().]+(?:\.[^@\s,;:<>\"().]+)*)@[^@\s,;:<>\"()./]+(?:\.[^@\s,;:<>\"()./]+)+"
)
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs"}  # Unicode's categories of what nobody sees or knows


class RowError(Exception):
    """Why a row is rejected: the field (a key of `formats.FIELDS`, or ""), the cell and the reason (a message
    id)."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.value, self.reason = field, value, reason


class Column(dict[str, str]):
    """What the cells of one column mean, each distinct cell read once. A miss costs a parse, a hit one
    dictionary look-up."""

    REMEMBERED = 100_000  # distinct cells, so that memory stays flat

    def __init__(self, field: str, read: Callable[[str], str]) -> None:
        super().__init__()
        self.field, self.read = field, read

    def __missing__(self, cell: str) -> str:
        if len(self) >= self.REMEMBERED:
            self.clear()
        try:
            value = self[cell] = self.read(without_excel_guard(cell.strip()))
        except ValueError as error:
            raise RowError(self.field, cell, str(error)) from None
        return value


EXCEL_TEXT = re.compile(r'="((?:[^"]|"")*)"')


def without_excel_guard(cell: str) -> str:
    """The text of a formula ="00123", by which exports keep Excel from dropping the zeros."""
    match = EXCEL_TEXT.fullmatch(cell)
    return match[1].replace('""', '"').strip() if match else cell


def escape(text: str) -> str:
    """Text as COPY's text format wants it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def unescape(text: str) -> str:
    return re.sub(r"\\([\\tnr])", lambda match: {"t": "\t", "n": "\n", "r": "\r"}.get(match[1], "\\"), text)


def text_reader(longest: int, *, missing: str = "") -> Callable[[str], str]:
    """Text of at most `longest` characters; with `missing`, that is the reason when the cell is blank."""

    def read(cell: str) -> str:
        if missing and not cell:
            raise ValueError(missing)
        if len(cell) > longest:
            raise ValueError(_("The text is too long."))
        return escape(cell)

    return read


def optional(read: Callable[[str], str]) -> Callable[[str], str]:
    """Blank cells and their stand-ins (n/a, null, -) mean nothing; others are read."""
    return lambda cell: "" if cell.lower() in BLANK else read(cell)


def read_customer_id(cell: str) -> str:
    """17850.0 is customer 17850: spreadsheets and data frames turn a number column with gaps into floats."""
    return text_reader(200)(re.sub(r"^(\d+)\.0+$", r"\1", cell))


def read_email(cell: str) -> str:
    """An address; a link to one (mailto:) is the address."""
    address = re.sub(r"^mailto:", "", cell, flags=re.IGNORECASE)
    match = ADDRESS.fullmatch(address)
    invisible = any(unicodedata.category(character) in UNSEEN for character in address)
    if not match or len(address) > 200 or len(match[1]) > 64 or invisible:
        raise ValueError(_("This is not an email address."))
    return escape(address)


def read_currency(cell: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", cell):
        raise ValueError(_("A currency is three letters, for example GBP."))
    return cell.upper()


# -- numbers -------------------------------------------------------------------------------------------------

SIGNS = "£$€¥￥₹₩₽元 \u00a0\u202f"
GROUPED = {
    ".": re.compile(r"[+-]?(\d+|\d{1,3}(?:[, '\u00a0\u202f’]\d{2,3})*[, '\u00a0\u202f’]\d{3})?(\.\d*)?"),
    ",": re.compile(r"[+-]?(\d+|\d{1,3}(?:[. '\u00a0\u202f’]\d{3})+)?(,\d*)?"),
}


def parse_decimal(cell: str, decimal: str) -> Decimal:
    """An amount written with `decimal` ("." or ",") as its decimal sign; thousands separators and currency
    signs are fine.

    Rounded half even to four decimals. Raises ValueError for anything else: NaN, infinities, exponents,
    overflow.
    """
    if re.fullmatch(r"\(.*\)", cell):  # accountants' minus
        cell = "-" + cell[1:-1]
    bare = re.sub(r"^([+-]?)[A-Z]{2,3}(?=[\s\d£$€¥])|[A-Z]{3}$", r"\1", cell.replace("\u2212", "-")).strip(
        SIGNS
    )
    bare = re.sub(rf"^([+-])[{SIGNS}]+", r"\1", bare)
    if not any(character.isdigit() for character in bare) or not GROUPED[decimal].fullmatch(bare):
        raise ValueError(_("This is not a number."))
    plain = re.sub(r"[^\d,.+-]", "", bare).replace("," if decimal == "." else ".", "").replace(",", ".")
    value = Decimal(plain)
    if abs(value) >= LARGEST_AMOUNT:
        raise ValueError(_("The number is too large."))
    return value.quantize(Decimal("0.0001")).normalize() if value else Decimal(0)


def amount_reader(decimal: str) -> Callable[[str], str]:
    return lambda cell: f"{parse_decimal(cell, decimal):f}"


def quantity_reader(decimal: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if not cell:
            raise ValueError(_("The quantity is missing."))
        value = parse_decimal(cell, decimal)
        if value != int(value):
            raise ValueError(_("A quantity is a whole number."))
        if not value:
            raise ValueError(_("The quantity is 0: nothing was sold."))
        if abs(value) > LARGEST_INTEGER:
            raise ValueError(_("The number is too large."))
        return str(int(value))

    return read


# -- dates ---------------------------------------------------------------------------------------------------

ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?", re.ASCII)  # the commonest form
SERIAL = re.compile(
    r"[2-7]\d{4}(?:\.\d{1,15})?", re.ASCII
)  # a spreadsheet's date that was exported as the number it is
SERIALS_BEGIN = datetime(1899, 12, 30)
NUMERIC_DATE = re.compile(
    r"(\d{1,4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,4})\s?日?,?"
    r"(?:[T\s]*(上午|下午|[AaPp][Mm])?\s?(\d{1,2})[:.时點点](\d{2})分?(?:[:.](\d{2})秒?(?:[.,](\d{1,9}))?)?)?"
    r"\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan",
            "feb fév",
            "mar mär",
            "apr avr",
            "may mai",
            "jun",
            "jul",
            "aug",
            "sep",
            "oct okt",
            "nov",
            "dec dez déc",
        ],
        start=1,
    )
    for name in names.split()
}
DAY_MONTH = re.compile(r"(\d{1,2})\.?[-\s]([^\W\d]{3,9})\.?[-\s,]+(\d{2,4})\b(.*)")
MONTH_DAY = re.compile(r"([^\W\d]{3,9})\.?\s(\d{1,2}),?\s(\d{4})\b(.*)")


def _named_month_to_iso(cell: str) -> str:
    """1-Dec-2010 8:26 and Dec 1, 2010 8:26 -> 2010-12-1 8:26; anything else unchanged."""
    if match := DAY_MONTH.fullmatch(cell):
        day, name, year, rest = match.groups()
    elif match := MONTH_DAY.fullmatch(cell):
        name, day, year, rest = match.groups()
    else:
        return cell
    month = MONTHS.get(name[:3].lower())
    return f"{_full_year(year)}-{month}-{day}{rest}" if month else cell


def _full_year(digits: str) -> int:
    year = int(digits)
    return year + 2000 if len(digits) <= 2 else year


def _offset(text: str | None, zone: tzinfo) -> tzinfo:
    if not text:
        return zone
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(shift if text[0] == "+" else -shift)


def parse_date(cell: str, order: str, zone: tzinfo) -> datetime:
    """A moment. `order` is "dmy" or "mdy" and decides only where the year does not come first; `zone` where
    no offset is written.

    Reads ISO 8601, d.m.Y, m/d/Y with am/pm, 1 Dec 2010, 2010年12月1日 下午3:05, 20101201, Unix time in
    (milli)seconds and the days of a spreadsheet (40513.35 is 1 December 2010, 8:24). Raises ValueError.
    """
    if ISO.fullmatch(cell):
        return datetime.fromisoformat(cell).replace(tzinfo=zone)
    if cell.isascii() and cell.isdigit():
        if len(cell) in {10, 13}:
            return datetime.fromtimestamp(int(cell[:10]), tz=UTC)
        if len(cell) == 8:
            cell = f"{cell[:4]}-{cell[4:6]}-{cell[6:]}"
    if SERIAL.fullmatch(cell):
        return (SERIALS_BEGIN + timedelta(seconds=round(float(cell) * 86_400))).replace(tzinfo=zone)
    match = NUMERIC_DATE.fullmatch(_named_month_to_iso(cell))
    if not match:
        raise ValueError(cell)
    first, second, third, before, hour, minute, seconds, _fraction, after, offset = match.groups()
    if len(first) == 4:
        year, month, day = int(first), int(second), int(third)
    else:
        year, month, day = (
            _full_year(third),
            *((int(first), int(second)) if order == "mdy" else (int(second), int(first))),
        )
    half = (before or after or "").replace(".", "").lower()
    hours = int(hour or 0)
    if half:
        hours = (
            hours % 12 + 12 * (half in {"pm", "下午"}) if hours <= 12 else hours
        )  # 下午15:05 is written too
    return datetime(
        year, month, day, hours, int(minute or 0), int(seconds or 0), tzinfo=_offset(offset, zone)
    )


OTHER_ORDER = {"dmy": "mdy", "mdy": "dmy"}
_NO_DATE = _("This is not a date in the chosen form.")
_OTHER_WAY = _(
    "Day and month are the other way round here: the column is written in two ways, and days up to 12 cannot "
    "be trusted."
)


def _reads(cell: str, order: str, zone: tzinfo) -> bool:
    try:
        return bool(order and parse_date(cell, order, zone))
    except (ValueError, OverflowError):
        return False


def date_reader(order: str, zone: tzinfo, *, latest: datetime) -> Callable[[str], str]:
    """Moments between 1970 and `latest`, as ISO 8601 in UTC."""

    def read(cell: str) -> str:
        if not cell:
            return ""
        try:
            moment = parse_date(cell, order, zone).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(
                _OTHER_WAY if _reads(cell, OTHER_ORDER.get(order, ""), zone) else _NO_DATE
            ) from None
        if moment.year < 1970:
            raise ValueError(_("The date is before 1970."))
        if moment > latest:
            raise ValueError(_("The date lies in the future."))
        return moment.isoformat()

    return read


# -- status and consent -------------------------------------------------------------------------------------

STATUS_WORDS = {
    "paid": "paid completed complete closed fulfilled shipped delivered processing done success ok"
    " partially_refunded partially-refunded bezahlt versendet abgeschlossen erledigt 已付款 已支付"
    " 已完成 已发货 交易成功 完成",
    "cancellation": "cancelled canceled cancellation refunded refund returned return storniert erstattet"
    " retour 已取消 取消 已退款 退款 退货 交易关闭",
    "pending": "pending unpaid open authorized partially_paid on-hold on_hold voided expired failed draft"
    " offen unbezahlt 待付款 未付款 等待付款",
}
STATUS = {word: status for status, words in STATUS_WORDS.items() for word in words.split()}
YES = {
    "yes",
    "y",
    "true",
    "t",
    "1",
    "ja",
    "j",
    "oui",
    "si",
    "subscribed",
    "granted",
    "on",
    "是",
    "已订阅",
    "同意",
}
NO = {
    "no",
    "n",
    "false",
    "f",
    "0",
    "nein",
    "non",
    "unsubscribed",
    "denied",
    "off",
    # What newsletter tools call people who are not to be written to.
    *[
        "not_subscribed",
        "never_subscribed",
        "non_subscribed",
        "nonsubscribed",
        "unsubscribe",
        "opted_out",
        "opt_out",
    ],
    *[
        "unreachable",
        "cleaned",
        "bounced",
        "hard_bounced",
        "hard_bounce",
        "complained",
        "suppressed",
        "blocked",
    ],
    *[
        "blocklisted",
        "blacklisted",
        "abgemeldet",
        "désabonné",
        "désinscrit",
        "退订",
        "已退订",
        "取消订阅",
        "已取消订阅",
    ],
    "否",
    "未订阅",
    "不同意",
}


def read_status(cell: str) -> str:
    try:
        return STATUS[cell.lower().replace(" ", "_")]
    except KeyError:
        raise ValueError(_("This status is not known: use paid, pending, cancelled or refunded.")) from None


def read_consent(cell: str) -> str:
    word = re.sub(r"[\s-]+", "_", cell.lower())
    if word in YES:
        return "t"
    if word in NO:
        return "f"
    raise ValueError(_("This is neither yes nor no."))
