"""Messages of the Segment spec (identify, track, page, screen, group, alias) -> what the shop understands of
them."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from shop.models import Channel, Event, Purpose

LARGEST_MESSAGE = 32 * 1024  # bytes
FUTURE = timedelta(hours=1)
TYPES = {"identify", "track", "page", "screen", "group", "alias"}
KINDS = {
    "product viewed": Event.Kind.VIEW,
    "product clicked": Event.Kind.VIEW,
    "product added": Event.Kind.CART,
    "product added to wishlist": Event.Kind.FAVOURITE,
    "products searched": Event.Kind.SEARCH,
    "checkout started": Event.Kind.CHECKOUT,
    "order completed": Event.Kind.PURCHASE,
    "product shared": Event.Kind.SHARE,
    "cart shared": Event.Kind.SHARE,
    "promotion clicked": Event.Kind.AD_CLICK,
    "ad clicked": Event.Kind.AD_CLICK,
}
CONSENT_TRAITS = {
    "email_consent": (Channel.EMAIL, Purpose.MARKETING),
    "marketing_opt_in": (Channel.EMAIL, Purpose.MARKETING),
    "accepts_marketing": (Channel.EMAIL, Purpose.MARKETING),
    "sms_consent": (Channel.SMS, Purpose.MARKETING),
    "push_consent": (Channel.PUSH, Purpose.MARKETING),
    "personalisation_consent": (Channel.EMAIL, Purpose.PROFILING),
    "personalization_consent": (Channel.EMAIL, Purpose.PROFILING),
}
OWN_TRAITS = {
    "email",
    "phone",
    "firstName",
    "lastName",
    "locale",
    "country",
    "createdAt",
    "address",
    *CONSENT_TRAITS,
}
LARGEST_PRICE, LARGEST_QUANTITY, LARGEST_AMOUNT = Decimal(10) ** 12, 10**8, Decimal(10) ** 14
CURRENCY = re.compile(r"[A-Z]{3}")
DEEPEST = 32  # levels of lists and objects in each other
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it: an even number of backslashes before
SINCE = datetime(1900, 1, 1, tzinfo=UTC)  # no shop has an older customer


class MessageError(Exception):
    """Why one message of a batch is left out: a sentence without personal data. `field`: which one it is
    about; "" is the whole message."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field


@dataclass(frozen=True)
class Item:
    """A product as a message names it, with the piece count and price of one piece where it was bought."""

    sku: str
    title: str = ""
    category: str = ""
    brand: str = ""
    url: str = ""
    image_url: str = ""
    price: Decimal | None = None
    quantity: int = 1


@dataclass(frozen=True)
class Sale:
    """An order that was completed or given back. Amounts in `currency`; "" is the shop's own."""

    number: str
    refund: bool
    currency: str
    discount: Decimal
    coupon: str
    items: list[Item]


@dataclass(frozen=True)
class IncomingMessage:
    id: str
    type: str
    at: datetime
    user_id: str
    anonymous_id: str
    name: str = ""
    kind: str = ""
    session_id: str = ""
    dwell_seconds: int | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    traits: dict[str, Any] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    sale: Sale | None = None

    @property
    def consents(self) -> dict[tuple[Channel, Purpose], bool]:
        """Explicit answers only: a trait that is neither true nor false is no answer."""
        answers = {
            CONSENT_TRAITS[name]: value for name, value in self.traits.items() if name in CONSENT_TRAITS
        }
        return {topic: value for topic, value in answers.items() if isinstance(value, bool)}


def read_message(raw: Any, *, received_at: datetime, sent_at: Any = None) -> IncomingMessage:
    """Understand one message; raises MessageError. `sent_at` is the batch's, for messages without one of
    their own."""
    if not isinstance(raw, dict):
        raise MessageError("A message is a JSON object.")
    text = _sound(raw)
    _refuse_depth(raw)
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise MessageError(f"one of {', '.join(sorted(TYPES))}.", "type")
    at = _moment(raw, received_at=received_at, sent_at=sent_at)
    user_id = _word(raw, "userId", 200)
    anonymous_id = _word(raw, "anonymousId" if kind != "alias" else "previousId", 200)
    if not (user_id or anonymous_id):
        raise MessageError("this or anonymousId is needed.", "userId")
    message_id = _word(raw, "messageId", 200)
    if not message_id:  # a repeat can only be recognised by its time stamp
        message_id = hashlib.sha256(text).hexdigest() if raw.get("timestamp") else uuid.uuid4().hex
    return IncomingMessage(
        id=message_id, type=kind, at=at, user_id=user_id, anonymous_id=anonymous_id, **_content(raw, kind)
    )


def _content(raw: dict[str, Any], kind: str) -> dict[str, Any]:
    context = _mapping(raw, "context")
    session = str(context.get("sessionId") or "")[:100]
    if kind in {"identify", "group"}:
        group = {"group_id": _word(raw, "groupId", 200)} if kind == "group" else {}
        return {"traits": group or (_mapping(context, "traits") | _mapping(raw, "traits"))}
    if kind == "alias":
        return {}
    properties = _mapping(raw, "properties")
    if kind in {"page", "screen"}:
        return {
            "kind": Event.Kind.PAGE,
            "name": _word(raw, "name", 200),
            "properties": properties,
            "session_id": session,
        }
    name = _word(raw, "event", 200)
    if not name:
        raise MessageError("is missing.", "event")
    known = name.lower()
    items = _items(properties)
    return {
        "kind": KINDS.get(known, Event.Kind.OTHER),
        "name": name,
        "properties": properties,
        "session_id": session,
        "dwell_seconds": _dwell(properties),
        "items": items,
        "sale": _sale(known, properties, items),
    }


def _sound(raw: dict[str, Any]) -> bytes:
    """The message as canonical JSON, refused when PostgreSQL could not hold it or it is too large."""
    try:
        text = json.dumps(raw, sort_keys=True, allow_nan=False, ensure_ascii=False)
        encoded = text.encode()
    except (ValueError, RecursionError):
        raise MessageError("The message holds a number or a character that cannot be stored.") from None
    if NUL.search(text):
        raise MessageError("The message holds a NUL character.")
    if len(encoded) > LARGEST_MESSAGE:
        raise MessageError("The message is larger than 32 KB.")
    return encoded


def _refuse_depth(raw: Any) -> None:
    """Raise MessageError where lists and objects lie deeper in each other than anybody means."""
    inner = [raw]
    for _level in range(DEEPEST):
        inner = [
            part
            for whole in inner
            for part in (whole.values() if isinstance(whole, dict) else whole)
            if isinstance(part, dict | list)
        ]
        if not inner:
            return
    raise MessageError(f"The message is nested more than {DEEPEST} levels deep.")


def _moment(raw: dict[str, Any], *, received_at: datetime, sent_at: Any) -> datetime:
    """When it happened by our clock: the sender's clock is corrected by how far its `sentAt` is off."""
    claimed = _time(raw, "timestamp") or _time(raw, "originalTimestamp")
    if claimed is None:
        return received_at
    sent = _time(raw, "sentAt") or _batch_time(sent_at)
    try:
        at = claimed + (received_at - sent) if sent else claimed
    except OverflowError:
        raise MessageError("out of range.", "timestamp") from None
    if at > received_at + FUTURE:
        raise MessageError("in the future.", "timestamp")
    if at.year < 1990:
        raise MessageError("before 1990.", "timestamp")
    return min(at, received_at)


def _time(raw: dict[str, Any], name: str) -> datetime | None:
    value = raw.get(name)
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise MessageError("an ISO 8601 time, for example 2026-11-23T10:00:00Z.", name) from None


def _batch_time(sent_at: Any) -> datetime | None:
    """When a batch was sent; None where that cannot be read, because its messages are not to blame."""
    try:
        return _time({"sentAt": sent_at}, "sentAt")
    except MessageError:
        return None


def _word(raw: dict[str, Any], name: str, longest: int) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise MessageError("a text.", name)
    if len(str(value)) > longest:
        raise MessageError(f"at most {longest} characters.", name)
    return str(value).strip()


def _mapping(raw: dict[str, Any], name: str) -> dict[str, Any]:
    value = raw.get(name) or {}
    if not isinstance(value, dict):
        raise MessageError("a JSON object.", name)
    return value


def _amount(raw: dict[str, Any], name: str) -> Decimal | None:
    """An exact amount, not below zero: the shortest decimal that the sent number stands for."""
    value = raw.get(name)
    if value in (None, ""):
        return None
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.0001"))
    except InvalidOperation:
        raise MessageError("an amount, for example 19.99.", name) from None
    if not amount.is_finite() or amount > LARGEST_PRICE:
        raise MessageError("out of range.", name)
    if amount < 0:
        raise MessageError("an amount below zero; what comes back is an Order Refunded.", name)
    return amount


def _quantity(raw: dict[str, Any]) -> int:
    value = raw.get("quantity")
    try:
        quantity = Decimal(1) if value in (None, "") else Decimal(str(value))
    except InvalidOperation:
        raise MessageError("a whole number.", "quantity") from None
    if not (quantity.is_finite() and 0 < quantity <= LARGEST_QUANTITY):
        raise MessageError("a positive whole number.", "quantity")
    if quantity != int(quantity):
        raise MessageError("a whole number.", "quantity")
    return int(quantity)


def _dwell(properties: dict[str, Any]) -> int | None:
    seconds = properties.get("dwell_seconds")
    return int(seconds) if isinstance(seconds, int | float) and 0 <= seconds <= 86_400 else None


def _items(properties: dict[str, Any]) -> list[Item]:
    listed = properties.get("products")
    if isinstance(listed, list):
        return [item for item in map(_item, listed) if item]
    item = _item(properties)
    return [item] if item else []


def _item(raw: Any) -> Item | None:
    if not isinstance(raw, dict):
        raise MessageError("a list of JSON objects.", "products")
    sku = _word(raw, "sku", 100) or _word(raw, "product_id", 100)
    if not sku:
        return None
    price, quantity = _amount(raw, "price"), _quantity(raw)
    if price is not None and price * quantity >= LARGEST_AMOUNT:
        raise MessageError("too large for its quantity.", "price")
    return Item(
        sku=sku,
        title=_text(raw, "name", 300),
        category=_text(raw, "category", 200),
        brand=_text(raw, "brand", 100),
        url=_text(raw, "url", 500),
        image_url=_text(raw, "image_url", 500),
        price=price,
        quantity=quantity,
    )


def _text(raw: dict[str, Any], name: str, longest: int) -> str:
    value = raw.get(name)
    return value[:longest] if isinstance(value, str) else ""


def _sale(name: str, properties: dict[str, Any], items: list[Item]) -> Sale | None:
    if name not in {"order completed", "order refunded", "order cancelled"}:
        return None
    number = _word(properties, "order_id", 80)
    if not number:
        raise MessageError("is missing.", "order_id")
    currency = str(properties.get("currency") or "").upper()
    if currency and not CURRENCY.fullmatch(currency):
        raise MessageError("an ISO 4217 code, for example GBP.", "currency")
    refund = name != "order completed"
    discount = _amount(properties, "discount") or Decimal(0)
    listed = properties.get("products")
    if isinstance(listed, list) and len(items) < len(listed):
        raise MessageError("each needs a product_id or a sku.", "products")
    if not refund:
        if not items:
            raise MessageError("an order names at least one.", "products")
        if any(item.price is None for item in items):
            raise MessageError("is missing on a product of the order.", "price")
        worth = sum((item.price or Decimal(0)) * item.quantity for item in items)
        if worth >= LARGEST_AMOUNT:
            raise MessageError("too large in all.", "products")
        if discount > worth:
            raise MessageError("more than the products cost.", "discount")
    return Sale(number, refund, currency, discount, _text(properties, "coupon", 60), items)


def customer_fields(message: IncomingMessage) -> dict[str, Any]:
    """What the message states of its customer; traits without a column of their own are `attributes`.
    `seen_at`: the earliest moment at which they were a customer."""
    traits = message.traits
    address = _mapping(traits, "address")
    since = _time(traits, "createdAt")
    if since and since < SINCE:
        raise MessageError("before 1900.", "createdAt")
    return {
        "external_id": message.user_id,
        "email": _email(traits),
        "phone": _text(traits, "phone", 40),
        "first_name": _text(traits, "firstName", 100),
        "last_name": _text(traits, "lastName", 100),
        "locale": _text(traits, "locale", 20),
        "country": _text(address, "country", 60) or _text(traits, "country", 60),
        "attributes": {name: value for name, value in traits.items() if name not in OWN_TRAITS}
        | {f"address_{name}": value for name, value in address.items() if name != "country"},
        "seen_at": min(since, message.at) if since else message.at,
    }


def _email(traits: dict[str, Any]) -> str:
    """The address, or nothing: a mistyped one must not lose the rest of the message."""
    email = _text(traits, "email", 254).strip()
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email
